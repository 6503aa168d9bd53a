namespace CacheProxy.Inference.Generation;

/// <summary>What a generation reports, in order: any number of <see cref="Delta"/>, then exactly one <see cref="Finished"/>.</summary>
public abstract record GenerationEvent
{
    private GenerationEvent() { }

    /// <summary>Text that can be shown: whole UTF-8 characters, no part of a possible stop text.</summary>
    /// <param name="Text">May be empty when only log probabilities are reported.</param>
    /// <param name="Tokens">The tokens whose text became visible or was held back with this delta, with log probabilities if asked for.</param>
    public sealed record Delta(string Text, IReadOnlyList<TokenLogProb> Tokens) : GenerationEvent
    {
        /// <summary>As in <see cref="GenerationUsage.CachedTokens"/>, which is known before the first token.</summary>
        public int CachedTokens { get; init; }
    }

    /// <summary>The terminal event of every accepted request.</summary>
    /// <param name="Error">Set when <paramref name="Reason"/> is <see cref="FinishReason.Error"/> or <see cref="FinishReason.TimedOut"/>.</param>
    public sealed record Finished(FinishReason Reason, GenerationUsage Usage, string? Error = null) : GenerationEvent
    {
        /// <summary>The stop text of the request that ended the answer; null: none did.</summary>
        public string? StopText { get; init; }
    }
}
