using System.Text.Json.Serialization;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>Log probabilities of a chat answer's tokens.</summary>
public sealed record ChatLogProbs
{
    public IReadOnlyList<ChatTokenLogProb>? Content { get; init; }

    public IReadOnlyList<ChatTokenLogProb>? Refusal { get; init; }
}

public sealed record ChatTokenLogProb
{
    /// <summary>The token as text; a token that is part of a character shows as replacement characters, so read <see cref="Bytes"/>.</summary>
    public required string Token { get; init; }

    /// <summary>Natural logarithm.</summary>
    [JsonPropertyName("logprob")]
    public required float LogProb { get; init; }

    /// <summary>The token's UTF-8 bytes, as numbers.</summary>
    public IReadOnlyList<int>? Bytes { get; init; }

    /// <summary>The likeliest tokens at this position, best first; empty when none were asked for.</summary>
    [JsonPropertyName("top_logprobs")]
    public IReadOnlyList<ChatTopLogProb> Top { get; init; } = [];
}

public sealed record ChatTopLogProb(string Token, [property: JsonPropertyName("logprob")] float LogProb, IReadOnlyList<int>? Bytes);
