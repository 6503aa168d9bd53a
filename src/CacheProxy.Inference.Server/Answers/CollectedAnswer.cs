using System.Text;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Server.Http;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>A whole answer, gathered for a response without streaming.</summary>
internal sealed record CollectedAnswer(IReadOnlyList<CollectedChoice> Choices, Usage Usage)
{
    /// <param name="choicesPerPrompt">See <see cref="UsageSum"/>.</param>
    /// <exception cref="RequestErrorException">A generation did not end by itself.</exception>
    public static async Task<CollectedAnswer> ReadAsync(GenerationSet set, int choicesPerPrompt, CancellationToken cancellation)
    {
        var builders = Enumerable.Range(0, set.Count).Select(_ => new Builder()).ToArray();
        var usage = new UsageSum(choicesPerPrompt);
        await foreach ((int choice, GenerationEvent item) in set.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            switch (item)
            {
                case GenerationEvent.Delta delta:
                    builders[choice].Add(delta);
                    break;
                case GenerationEvent.Finished end:
                    cancellation.ThrowIfCancellationRequested();
                    ThrowIfFailed(end);
                    builders[choice].End = end;
                    usage.Add(choice, end.Usage);
                    break;
            }
        }

        return new CollectedAnswer([.. builders.Select(builder => builder.ToChoice())], usage.ToUsage());
    }

    private static void ThrowIfFailed(GenerationEvent.Finished end)
    {
        if (Refusals.ToError(end) is { } error)
        {
            throw new RequestErrorException(error);
        }
    }

    private sealed class Builder
    {
        private readonly StringBuilder _text = new();
        private List<TokenLogProb>? _tokens;

        public GenerationEvent.Finished? End { get; set; }

        public void Add(GenerationEvent.Delta delta)
        {
            _text.Append(delta.Text);
            if (delta.Tokens.Count > 0)
            {
                (_tokens ??= []).AddRange(delta.Tokens);
            }
        }

        public CollectedChoice ToChoice() => new(_text.ToString(), _tokens, End!);
    }
}

/// <param name="Tokens">Null when no log probabilities were asked for, or no token was generated.</param>
internal sealed record CollectedChoice(string Text, IReadOnlyList<TokenLogProb>? Tokens, GenerationEvent.Finished End)
{
    public string FinishReason => Refusals.NameOf(End.Reason);
}
