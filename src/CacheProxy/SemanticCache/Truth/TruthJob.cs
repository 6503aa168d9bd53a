using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache.Truth;

/// <summary>One comparison that waits for its turn.</summary>
/// <param name="Query">The question.</param>
/// <param name="Fresh">The upstream's own answer; null: it has to be asked for.</param>
/// <param name="Context">Of the request, apart from its client.</param>
/// <param name="Exchange">Of that request; of an audit, the one that is sent.</param>
/// <param name="IsIndexedAfter">The question becomes findable only when it is known whether the candidate was right.</param>
internal sealed record TruthJob(
    SemanticTrial Trial, SemanticQuery Query, CacheEntry? Fresh, HttpContext Context, ExchangeFeature Exchange, bool IsIndexedAfter)
{
    /// <summary>The client was served, and the upstream is asked only to know.</summary>
    public bool IsAudit => Fresh is null;
}
