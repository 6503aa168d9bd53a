using CacheProxy.Exchange;

namespace CacheProxy.Ledger.Findings;

/// <summary>A question and the stored one that came nearest to answering it, and did not.</summary>
public sealed record NearMissPair
{
    public required FindingScope Scope { get; init; }

    /// <summary>Fingerprint of the request that was asked.</summary>
    public required Fingerprint256 Asked { get; init; }

    /// <summary>Fingerprint of the entry.</summary>
    public required Fingerprint256 Stored { get; init; }

    public required long Count { get; init; }

    public required float Similarity { get; init; }

    /// <summary>As the policy saw it last; null: the pair did not come as far.</summary>
    public double? Probability { get; init; }

    /// <summary>The probability that was needed; null where <see cref="Probability"/> is.</summary>
    public double? Threshold { get; init; }

    /// <summary>See <see cref="NearMiss.Reason"/>.</summary>
    public required string Reason { get; init; }

    public string? Guard { get; init; }

    /// <summary>What was asked; null: not kept, or purged.</summary>
    public string? AskedText { get; init; }

    /// <summary>The stored question; null: not kept, or purged.</summary>
    public string? StoredText { get; init; }

    /// <summary>How near it came: 1 is a hit. Where a guard ruled it out, how alike the questions are.</summary>
    public double Nearness => Probability is { } probability && Threshold is { } threshold and > 0 ? Math.Min(1, probability / threshold) : Similarity;
}
