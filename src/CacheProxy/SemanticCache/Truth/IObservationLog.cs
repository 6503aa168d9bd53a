namespace CacheProxy.SemanticCache.Truth;

/// <summary>What policies decided and how that turned out: for tuning, for learning again after a restart, for the running error.</summary>
public interface IObservationLog
{
    /// <summary>Returns at once; what does not fit the queue is dropped and counted.</summary>
    void Add(Observation observation);

    /// <summary>Oldest first. What was added a moment ago may be missing.</summary>
    /// <exception cref="IOException">The log cannot be read.</exception>
    IAsyncEnumerable<Observation> ReadAsync(ObservationFilter filter, CancellationToken cancellationToken);
}
