using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache.Truth;

/// <summary>What is written in one transaction: observations in order, then scopes' counts, then the entries that are gone.</summary>
internal sealed class ObservationBatch
{
    public List<Observation> Observations { get; } = [];

    /// <summary>The latest of each scope.</summary>
    public Dictionary<ScopeKey, ScopeError> Scopes { get; } = [];

    public List<IReadOnlyCollection<Fingerprint256>> Gone { get; } = [];

    public int Count => Observations.Count + Scopes.Count + Gone.Count;
}
