using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache.Truth;

/// <summary>One candidate, what was decided about it, and whether that was right. Holds no text of any prompt or answer. Immutable.</summary>
public sealed record Observation
{
    public required DateTimeOffset Time { get; init; }

    /// <summary>The policy that decided.</summary>
    public required string Policy { get; init; }

    /// <summary>The scope's hash.</summary>
    public required string Tenant { get; init; }

    public required string Model { get; init; }

    public string Route { get; init; } = "";

    public string Namespace { get; init; } = "";

    /// <summary>Everything of the request but its question.</summary>
    public Fingerprint256 Partition { get; init; }

    /// <summary>The candidate's entry.</summary>
    public required Fingerprint256 Entry { get; init; }

    /// <summary>The entry of the question that it was compared on; zero: it has none.</summary>
    public Fingerprint256 Asked { get; init; }

    /// <summary>The cascade's own score, 0..1.</summary>
    public double Probability { get; init; }

    public float Cosine { get; init; }

    /// <summary>The verifier's; NaN: it was not asked.</summary>
    public float Logit { get; init; }

    /// <summary>The client was given this candidate's answer.</summary>
    public bool Served { get; init; }

    /// <summary>The policy would have served it, had it been the serving one.</summary>
    public bool WouldServe { get; init; }

    public ObservationOutcome Outcome { get; init; }

    public ObservationSource Source { get; init; }

    /// <summary>How old the answer was when it was decided about.</summary>
    public long EntryAgeSeconds { get; init; }
}
