using CacheProxy.Exchange;
using CacheProxy.Ledger;

namespace CacheProxy.ExactCache;

/// <summary>Asks the upstream again for an entry while the client already has the old answer.</summary>
public interface IBackgroundRefresh
{
    /// <summary>
    /// Sends the request upstream as its client would, with its credentials: all that is needed of it is copied before this returns. The
    /// result comes when the new entry, if there is one, is stored in every tier. Never throws.
    /// </summary>
    /// <param name="previous">The entry to replace; the new one keeps its tags, and its TTL where that was asked for.</param>
    Task<RefreshResult> RefreshAsync(HttpContext context, ExchangeFeature exchange, CacheEntry previous);

    /// <summary>The same with a request that the caller has made of the client's, and with its result. Never throws.</summary>
    /// <param name="context">It must not go back to its connection before this returns.</param>
    /// <param name="work">What it is for; it is entered in the ledger.</param>
    /// <returns>The entry that the new answer became; null where there is none.</returns>
    Task<(RefreshResult Result, CacheEntry? Entry)> AskAsync(HttpContext context, ExchangeFeature again, LedgerWork work);
}
