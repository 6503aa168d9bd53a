using CacheProxy.Exchange;
using CacheProxy.Exchange.Replay;

namespace CacheProxy.ExactCache;

/// <summary>Gives a request an entry as far as its age allows: fresh ones, stale ones that client and entry agree on, and those with a refresh behind them.</summary>
public sealed class EntryServer(AnswerReplay replay, EntryRefresher refresher, TimeProvider clock)
{
    /// <returns>Null: the entry does not answer the request; one that may when the upstream fails is kept in <see cref="ExchangeFeature.StaleEntry"/>.</returns>
    public Task? TryServe(HttpContext context, ExchangeFeature exchange, CacheEntry? entry)
    {
        if (entry is null || entry.Scope != exchange.Scope.Id || !AnswerReplay.CanAnswer(exchange, entry))
        {
            return null;
        }

        switch (FreshnessRules.Judge(entry, exchange, clock.GetUtcNow()))
        {
            case Freshness.Fresh:
                if (exchange.Policy.RefreshAheadHits > 0)
                {
                    refresher.NoteHit(context, exchange, entry);
                }

                return replay.WriteAsync(context, exchange, entry, CacheOutcome.Exact);
            case Freshness.StaleAccepted:
                return replay.WriteAsync(context, exchange, entry, CacheOutcome.Stale);
            case Freshness.StaleRefresh when EntryRefresher.MayRefresh(exchange):
                refresher.Start(context, exchange, entry, RefreshReason.Stale);
                return replay.WriteAsync(context, exchange, entry, CacheOutcome.Stale);
            case Freshness.StaleRefresh when exchange.Directives.OnlyIfCached:
                return replay.WriteAsync(context, exchange, entry, CacheOutcome.Stale);
            case Freshness.StaleRefresh or Freshness.StaleIfError:
                // A stale answer that nobody may refresh is left for the case that the upstream fails.
                exchange.StaleEntry = entry;
                return null;
            default:
                exchange.ExpiredEntry = entry;
                return null;
        }
    }
}
