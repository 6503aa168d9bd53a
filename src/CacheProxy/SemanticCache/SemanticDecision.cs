using CacheProxy.Exchange;
using CacheProxy.SemanticCache.Truth;

namespace CacheProxy.SemanticCache;

/// <summary>What the stage decided about one request, and how it came to it.</summary>
public sealed record SemanticDecision
{
    public required SemanticReason Reason { get; init; }

    /// <summary>The answer to serve; null: go on as a miss.</summary>
    public CacheEntry? Entry { get; init; }

    /// <summary>The candidate that was served, or came nearest to it.</summary>
    public CandidateTrace? Best { get; init; }

    /// <summary>The best verified candidate, for whoever finds out whether its answer is, or would have been, right; null: there was none.</summary>
    public SemanticTrial? Trial { get; init; }

    /// <summary>Every neighbour that was looked at, nearest first.</summary>
    public IReadOnlyList<CandidateTrace> Candidates { get; init; } = [];

    /// <summary>Where the time went.</summary>
    public StageTimes Times { get; init; }

    /// <summary>The question's vector, for whoever indexes it; empty when it was not computed.</summary>
    public ReadOnlyMemory<float> Vector { get; init; }

    /// <summary>False: it went by without a look into the index.</summary>
    public bool WasLookedUp => Reason is SemanticReason.None or >= SemanticReason.ClearMiss;

    /// <summary>The candidate that came nearest, where none was served; null: there was none, or one was.</summary>
    public NearMiss? NearMiss => IsHit || Best is not { } best ? null
        : new NearMiss(best.Similarity, best.Score ?? double.NaN, best.Threshold ?? double.NaN, Reason.ToTag(), best.Guard, best.Fingerprint, best.Question);

    public bool IsHit => Entry is not null;

    public static SemanticDecision Skip(SemanticReason reason) => new() { Reason = reason };
}
