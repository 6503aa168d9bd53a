using CacheProxy.Exchange;

namespace CacheProxy.Invalidation;

/// <summary>Tells the other proxies. Failures are a value: what is local has happened already.</summary>
public interface IInvalidationSharing
{
    /// <summary>False: nobody else knows yet; they will, once they can be reached.</summary>
    ValueTask<bool> ShareBumpAsync(string space, CancellationToken cancellationToken);

    /// <summary>Gives the purge its number. False: the others' memory may still hold what was purged; they will hear of it, once they can be reached.</summary>
    ValueTask<bool> SharePurgeAsync(Purge purge, CancellationToken cancellationToken);
}
