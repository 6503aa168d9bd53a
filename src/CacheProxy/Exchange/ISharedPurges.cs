namespace CacheProxy.Exchange;

/// <summary>Where other proxies purge the shared tier too: what they have purged must not come back with an answer that this one had asked for before.</summary>
public interface ISharedPurges
{
    /// <summary>Puts what the others have announced up to now into the <see cref="PurgeLog"/>. Never fails: where they cannot be asked, neither can the tier.</summary>
    ValueTask CatchUpAsync(CancellationToken cancellationToken);
}
