using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Server.Http;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>Streams a chat answer. Nothing is sent before the first event, so that an engine that fails at once still gets its HTTP status.</summary>
internal static class ChatStreamWriter
{
    public static async Task WriteAsync(HttpContext context, GenerationSet set, AnswerHead head, bool includeUsage)
    {
        using var writer = new ChatChunkWriter(head.Id, head.Created, head.Model, head.Fingerprint, includeUsage);
        var stream = new EventStream(context);
        var usage = new UsageSum(set.Count);
        await foreach ((int choice, GenerationEvent item) in set.ReadAllAsync(context.RequestAborted).ConfigureAwait(false))
        {
            if (item is GenerationEvent.Finished end && await EndsInErrorAsync(context, stream, end).ConfigureAwait(false))
            {
                return;
            }

            if (!stream.IsStarted)
            {
                stream.Start();
                WriteRoles(stream, writer, set.Count);
            }

            WriteEvent(stream, writer, choice, item, usage);
            await stream.FlushAsync().ConfigureAwait(false);
        }

        if (includeUsage)
        {
            writer.WriteUsage(stream.Begin(), usage.ToUsage());
            stream.End();
        }

        stream.WriteDone();
        await stream.FlushAsync().ConfigureAwait(false);
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

    private static void WriteRoles(EventStream stream, ChatChunkWriter writer, int choices)
    {
        for (int choice = 0; choice < choices; choice++)
        {
            writer.WriteRole(stream.Begin(), choice);
            stream.End();
        }
    }

    private static void WriteEvent(EventStream stream, ChatChunkWriter writer, int choice, GenerationEvent item, UsageSum usage)
    {
        switch (item)
        {
            case GenerationEvent.Delta delta:
                writer.WriteContent(stream.Begin(), choice, delta.Text, delta.Tokens.Count > 0 ? LogProbs.ToChat(delta.Tokens) : null);
                break;
            case GenerationEvent.Finished end:
                usage.Add(choice, end.Usage);
                writer.WriteFinish(stream.Begin(), choice, Refusals.NameOf(end.Reason));
                break;
        }

        stream.End();
    }
}
