using CacheProxy.Exchange;
using CacheProxy.Exchange.Replay;
using CacheProxy.Observability;

namespace CacheProxy.ExactCache;

/// <summary>
/// Step 3. Answers from an entry of the same fingerprint: fresh ones at once, stale ones as far as entry and client allow. A stale entry
/// that may not answer now goes on with the request, in case the upstream fails.
/// </summary>
public sealed class ExactCacheMiddleware(
    RequestDelegate next, EntryTiers tiers, AnswerReplay replay, EntryRefresher refresher, CacheProxyMetrics metrics, TimeProvider clock)
{
    public Task InvokeAsync(HttpContext context)
    {
        ExchangeFeature exchange = context.GetExchange();
        if (!exchange.Flags.AllowLookup)
        {
            return next(context);
        }

        long started = metrics.IsLookupEnabled ? clock.GetTimestamp() : 0;
        ValueTask<CacheEntry?> lookup = tiers.FindAsync(exchange, context.RequestAborted);
        if (!lookup.IsCompletedSuccessfully)
        {
            return AwaitedAsync(context, exchange, lookup, started);
        }

        metrics.LookedUp("exact", started);
        return Answer(context, exchange, lookup.Result);
    }

    private async Task AwaitedAsync(HttpContext context, ExchangeFeature exchange, ValueTask<CacheEntry?> lookup, long started)
    {
        exchange.KeepBody();
        CacheEntry? entry = await lookup;
        metrics.LookedUp("exact", started);
        await Answer(context, exchange, entry);
    }

    private Task Answer(HttpContext context, ExchangeFeature exchange, CacheEntry? entry)
    {
        if (entry is null || entry.Scope != exchange.Scope.Id || !AnswerReplay.CanAnswer(exchange, entry))
        {
            return next(context);
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
                return next(context);
            default:
                return next(context);
        }
    }
}
