namespace CacheProxy.Inference.Engine;

/// <summary>What a generation reports, in order: any number of <see cref="Delta"/>, then exactly one <see cref="Finished"/>.</summary>
public abstract record GenerationEvent
{
    private GenerationEvent() { }

    /// <summary>Text that can be shown: whole UTF-8 characters, no part of a possible stop text.</summary>
    /// <param name="Text">May be empty when only log probabilities are reported.</param>
    /// <param name="Tokens">The tokens whose text became visible or was held back with this delta, with log probabilities if asked for.</param>
    public sealed record Delta(string Text, IReadOnlyList<TokenLogProb> Tokens) : GenerationEvent;

    /// <summary>The terminal event of every accepted request.</summary>
    /// <param name="Error">Set when <paramref name="Reason"/> is <see cref="FinishReason.Error"/>.</param>
    public sealed record Finished(FinishReason Reason, GenerationUsage Usage, string? Error = null) : GenerationEvent;
}

public enum FinishReason
{
    /// <summary>An end-of-turn token or a stop text.</summary>
    Stop,

    /// <summary>MaxTokens or the context length.</summary>
    Length,

    /// <summary>The caller's token was cancelled.</summary>
    Cancelled,

    /// <summary>The engine failed; the message says how.</summary>
    Error,
}

/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="CachedTokens">Prompt tokens whose KV was found, not computed, on first admission.</param>
/// <param name="CompletionTokens">Tokens generated, the end-of-turn token included.</param>
public readonly record struct GenerationUsage(int PromptTokens, int CachedTokens, int CompletionTokens);

/// <param name="Bytes">The token's raw UTF-8 bytes.</param>
/// <param name="LogProb">Natural log, of the model's distribution before temperature and truncation.</param>
/// <param name="Top">The most likely alternatives, best first.</param>
public sealed record TokenLogProb(int Token, byte[] Bytes, float LogProb, IReadOnlyList<(int Token, byte[] Bytes, float LogProb)> Top);
