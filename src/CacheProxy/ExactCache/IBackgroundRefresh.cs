using CacheProxy.Exchange;

namespace CacheProxy.ExactCache;

/// <summary>Asks the upstream again for a stale entry while the client already has the old answer.</summary>
public interface IBackgroundRefresh
{
    /// <summary>Starts one refresh of the request's fingerprint unless one is under way; returns at once.</summary>
    void Start(HttpContext context, ExchangeFeature exchange);
}
