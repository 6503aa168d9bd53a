using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Server.Http;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>Writes the answer of a text completion, whole or streamed.</summary>
internal sealed class CompletionAnswerWriter(HttpContext context, AnswerHead head, CompletionRequest request)
{
    /// <summary>With <c>max_tokens: 0</c> the one token that the engine cannot help generating is left out.</summary>
    private readonly bool _isPromptOnly = request.MaxTokens == 0;
    private readonly UsageSum _usage = new(request.Sampling.Choices);

    public async Task WriteWholeAsync(GenerationSet set)
    {
        CollectedAnswer answer = await CollectedAnswer.ReadAsync(set, request.Sampling.Choices, context.RequestAborted).ConfigureAwait(false);
        var body = new Completion
        {
            Id = head.Id,
            Created = head.Created,
            Model = head.Model,
            SystemFingerprint = head.Fingerprint,
            Choices = [.. answer.Choices.Select(ToChoice)],
            Usage = _isPromptOnly ? WithoutCompletion(answer.Usage) : answer.Usage,
        };
        await JsonAnswer.WriteAsync(context, body, OpenAIJson.Default.Completion).ConfigureAwait(false);
    }

    public async Task StreamAsync(GenerationSet set)
    {
        using var writer = new CompletionChunkWriter(head.Id, head.Created, head.Model, head.Fingerprint, request.IncludeUsage);
        var stream = new EventStream(context);
        int[] offsets = new int[set.Count];
        await foreach ((int choice, GenerationEvent item) in set.ReadAllAsync(context.RequestAborted).ConfigureAwait(false))
        {
            if (item is GenerationEvent.Finished end && await ChatStreamWriter.EndsInErrorAsync(context, stream, end).ConfigureAwait(false))
            {
                return;
            }

            if (!stream.IsStarted)
            {
                stream.Start();
            }

            if (ToChunk(choice, item, offsets) is { } chunk)
            {
                writer.WriteChoice(stream.Begin(), chunk);
                stream.End();
                await stream.FlushAsync().ConfigureAwait(false);
            }
        }

        if (request.IncludeUsage)
        {
            Usage usage = _usage.ToUsage();
            writer.WriteUsage(stream.Begin(), _isPromptOnly ? WithoutCompletion(usage) : usage);
            stream.End();
        }

        stream.WriteDone();
        await stream.FlushAsync().ConfigureAwait(false);
    }

    private CompletionChoice? ToChunk(int choice, GenerationEvent item, int[] offsets)
    {
        if (item is GenerationEvent.Finished end)
        {
            _usage.Add(choice, end.Usage);
            return new CompletionChoice { Index = choice, Text = "", FinishReason = _isPromptOnly ? "length" : Refusals.NameOf(end.Reason) };
        }

        if (item is not GenerationEvent.Delta delta || _isPromptOnly)
        {
            return null;
        }

        int offset = offsets[choice];
        offsets[choice] += delta.Text.Length;
        return new CompletionChoice
        {
            Index = choice,
            Text = delta.Text,
            LogProbs = delta.Tokens.Count > 0 ? LogProbs.ToCompletion(delta.Tokens, offset) : null,
            FinishReason = null,
        };
    }

    private CompletionChoice ToChoice(CollectedChoice choice, int index) => new()
    {
        Index = index,
        Text = _isPromptOnly ? "" : choice.Text,
        LogProbs = choice.Tokens is null || _isPromptOnly ? null : LogProbs.ToCompletion(choice.Tokens, offset: 0),
        FinishReason = _isPromptOnly ? "length" : choice.FinishReason,
    };

    private static Usage WithoutCompletion(Usage usage) => Usage.Of(usage.PromptTokens, usage.PromptTokensDetails?.CachedTokens ?? 0, completionTokens: 0);
}
