using CacheProxy.Exchange;
using CacheProxy.Exchange.Replay;
using CacheProxy.Observability;

namespace CacheProxy.ExactCache;

/// <summary>
/// Step 3. Answers from an entry of the same fingerprint: fresh ones at once, stale ones as far as entry and client allow. A stale entry
/// that may not answer now goes on with the request, in case the upstream fails.
/// </summary>
public sealed class ExactCacheMiddleware(
    RequestDelegate next, EntryTiers tiers, AnswerReplay replay, IBackgroundRefresh refresh, CacheProxyMetrics metrics, TimeProvider clock)
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

        switch (FreshnessRules.Judge(entry, exchange.Directives, clock.GetUtcNow()))
        {
            case Freshness.Fresh:
                return replay.WriteAsync(context, exchange, entry, CacheOutcome.Exact);
            case Freshness.StaleAccepted:
                return replay.WriteAsync(context, exchange, entry, CacheOutcome.Stale);
            case Freshness.StaleRefresh:
                refresh.Start(context, exchange);
                return replay.WriteAsync(context, exchange, entry, CacheOutcome.Stale);
            case Freshness.StaleIfError:
                exchange.StaleEntry = entry;
                return next(context);
            default:
                return next(context);
        }
    }
}
