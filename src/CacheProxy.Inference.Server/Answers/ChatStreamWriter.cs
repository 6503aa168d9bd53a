using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Server.Http;
using CacheProxy.Inference.Tools;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>Streams a chat answer. Nothing is sent before the first event, so that an engine that fails at once still gets its HTTP status.</summary>
internal sealed class ChatStreamWriter(HttpContext context, GenerationSet set, AnswerHead head, bool includeUsage, ToolUse? tools)
{
    private readonly EventStream _stream = new(context);
    private readonly UsageSum _usage = new(set.Count);
    private readonly ToolCallReader[] _readers = tools is null ? [] : [.. Enumerable.Range(0, set.Count).Select(_ => tools!.CreateReader())];

    public async Task WriteAsync()
    {
        using var writer = new ChatChunkWriter(head.Id, head.Created, head.Model, head.Fingerprint, includeUsage);
        await foreach ((int choice, GenerationEvent item) in set.ReadAllAsync(context.RequestAborted).ConfigureAwait(false))
        {
            if (item is GenerationEvent.Finished end && await EndsInErrorAsync(context, _stream, end).ConfigureAwait(false))
            {
                return;
            }

            if (!_stream.IsStarted)
            {
                _stream.Start();
                WriteRoles(writer);
            }

            WriteEvent(writer, choice, item);
            await _stream.FlushAsync().ConfigureAwait(false);
        }

        if (includeUsage)
        {
            writer.WriteUsage(_stream.Begin(), _usage.ToUsage());
            _stream.End();
        }

        _stream.WriteDone();
        await _stream.FlushAsync().ConfigureAwait(false);
    }

    /// <summary>Ends the response when a generation failed: as an error while that is possible, else as the last event.</summary>
    public static async Task<bool> EndsInErrorAsync(HttpContext context, EventStream stream, GenerationEvent.Finished end)
    {
        context.RequestAborted.ThrowIfCancellationRequested();
        if (Refusals.ToError(end) is not { } error)
        {
            return false;
        }

        if (!stream.IsStarted)
        {
            throw new RequestErrorException(error);
        }

        stream.WriteError(error);
        await stream.FlushAsync().ConfigureAwait(false);
        return true;
    }

    private void WriteRoles(ChatChunkWriter writer)
    {
        for (int choice = 0; choice < set.Count; choice++)
        {
            writer.WriteRole(_stream.Begin(), choice);
            _stream.End();
        }
    }

    private void WriteEvent(ChatChunkWriter writer, int choice, GenerationEvent item)
    {
        switch (item)
        {
            case GenerationEvent.Delta delta when tools is null:
                WriteContent(writer, choice, delta.Text, delta.Tokens);
                break;
            case GenerationEvent.Delta delta:
                WriteParts(writer, choice, _readers[choice].Append(delta.Text), delta.Tokens);
                break;
            case GenerationEvent.Finished end:
                WriteFinish(writer, choice, end);
                break;
        }
    }

    private void WriteFinish(ChatChunkWriter writer, int choice, GenerationEvent.Finished end)
    {
        bool hasCalls = false;
        if (tools is not null)
        {
            WriteParts(writer, choice, _readers[choice].Complete(), []);
            hasCalls = _readers[choice].Calls > 0;
        }

        _usage.Add(choice, end.Usage);
        writer.WriteFinish(_stream.Begin(), choice, Refusals.NameOf(Refusals.NameOf(end.Reason), hasCalls));
        _stream.End();
    }

    private void WriteParts(ChatChunkWriter writer, int choice, IReadOnlyList<ToolCallEvent> parts, IReadOnlyList<TokenLogProb> tokens)
    {
        // The calls are counted before the parts are written: the last one begun in them has the last number.
        int call = _readers[choice].Calls - parts.Count(part => part.Kind == ToolCallEventKind.Call) - 1;
        foreach (ToolCallEvent part in parts)
        {
            if (part.Kind == ToolCallEventKind.Content)
            {
                WriteContent(writer, choice, part.Text, tokens);
                tokens = [];
                continue;
            }

            if (part.Kind == ToolCallEventKind.Call)
            {
                writer.WriteToolCall(_stream.Begin(), choice, ++call, tools!.CreateId(), part.Text);
            }
            else
            {
                writer.WriteToolArguments(_stream.Begin(), choice, call, part.Text);
            }

            _stream.End();
        }

        if (tokens.Count > 0)
        {
            WriteContent(writer, choice, "", tokens);
        }
    }

    private void WriteContent(ChatChunkWriter writer, int choice, string text, IReadOnlyList<TokenLogProb> tokens)
    {
        writer.WriteContent(_stream.Begin(), choice, text, tokens.Count > 0 ? LogProbs.ToChat(tokens) : null);
        _stream.End();
    }
}
