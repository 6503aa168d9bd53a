using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Server.Http;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>Writes the answer of a text completion, whole or streamed.</summary>
/// <param name="echoes">One per prompt that is to be part of the answer; none: no prompt is.</param>
internal sealed class CompletionAnswerWriter(HttpContext context, AnswerHead head, CompletionRequest request, IReadOnlyList<PromptEcho> echoes)
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
        var choices = new StreamedChoice[set.Count];
        for (int choice = 0; choice < choices.Length; choice++)
        {
            choices[choice] = new StreamedChoice(EchoOf(choice), request.TopLogProbs is not null);
        }

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

            foreach (CompletionChoice chunk in ToChunks(choice, item, choices[choice]))
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

    private IEnumerable<CompletionChoice> ToChunks(int choice, GenerationEvent item, StreamedChoice state)
    {
        if (item is GenerationEvent.Delta delta)
        {
            foreach ((string text, IReadOnlyList<TokenLogProb> tokens, int offset) in state.Take(delta, _isPromptOnly))
            {
                yield return ToChunk(choice, text, tokens, offset);
            }
        }
        else if (item is GenerationEvent.Finished end)
        {
            foreach ((string text, IReadOnlyList<TokenLogProb> tokens, int offset) in state.Complete())
            {
                yield return ToChunk(choice, text, tokens, offset);
            }

            _usage.Add(choice, end.Usage);
            yield return new CompletionChoice { Index = choice, Text = "", FinishReason = _isPromptOnly ? "length" : Refusals.NameOf(end.Reason) };
        }
    }

    private static CompletionChoice ToChunk(int choice, string text, IReadOnlyList<TokenLogProb> tokens, int offset) => new()
    {
        Index = choice,
        Text = text,
        LogProbs = tokens.Count > 0 ? LogProbs.ToCompletion(tokens, offset) : null,
        FinishReason = null,
    };

    private PromptEcho? EchoOf(int choice) => echoes.Count == 0 ? null : echoes[choice / request.Sampling.Choices];

    private CompletionChoice ToChoice(CollectedChoice choice, int index)
    {
        PromptEcho? echo = EchoOf(index);
        IEnumerable<TokenLogProb> tokens = choice.Tokens ?? [];
        if (echo is not null && request.TopLogProbs is not null)
        {
            tokens = echo.Tokens(_isPromptOnly ? tokens.Take(echo.TokenCount - 1) : tokens);
        }

        IReadOnlyList<TokenLogProb> all = _isPromptOnly && echo is null ? [] : [.. tokens];
        return new CompletionChoice
        {
            Index = index,
            Text = echo?.Text + (_isPromptOnly ? "" : choice.Text),
            LogProbs = all.Count == 0 ? null : LogProbs.ToCompletion(all, offset: 0),
            FinishReason = _isPromptOnly ? "length" : choice.FinishReason,
        };
    }

    private static Usage WithoutCompletion(Usage usage) => Usage.Of(usage.PromptTokens, usage.PromptTokensDetails?.CachedTokens ?? 0, completionTokens: 0);
}
