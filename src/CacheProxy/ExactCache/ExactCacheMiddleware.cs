using System.Diagnostics;
using CacheProxy.Exchange;
using CacheProxy.Observability;
using CacheProxy.Observability.Tracing;

namespace CacheProxy.ExactCache;

/// <summary>
/// Step 3. Answers from an entry of the same fingerprint: fresh ones at once, stale ones as far as entry and client allow. A stale entry
/// that may not answer now goes on with the request, in case the upstream fails.
/// </summary>
public sealed class ExactCacheMiddleware(
    RequestDelegate next, EntryTiers tiers, EntryServer server, CacheProxyMetrics metrics, TimeProvider clock)
{
    public Task InvokeAsync(HttpContext context)
    {
        ExchangeFeature exchange = context.GetExchange();
        if (!exchange.Flags.AllowLookup)
        {
            return next(context);
        }

        long started = metrics.IsLookupEnabled ? clock.GetTimestamp() : 0;
        if (ProxySpans.IsTraced)
        {
            return TracedAsync(context, exchange, started);
        }

        ValueTask<CacheEntry?> lookup = tiers.FindAsync(exchange, context.RequestAborted);
        if (!lookup.IsCompletedSuccessfully)
        {
            return AwaitedAsync(context, exchange, lookup, started);
        }

        metrics.LookedUp("exact", started);
        return server.TryServe(context, exchange, lookup.Result) ?? next(context);
    }

    private async Task TracedAsync(HttpContext context, ExchangeFeature exchange, long started)
    {
        exchange.KeepBody();
        CacheEntry? entry = await TracedFindAsync(exchange, context.RequestAborted);
        metrics.LookedUp("exact", started);
        await (server.TryServe(context, exchange, entry) ?? next(context));
    }

    private async Task<CacheEntry?> TracedFindAsync(ExchangeFeature exchange, CancellationToken cancellationToken)
    {
        using Activity? span = ProxySpans.Start(ProxySpans.Lookup);
        CacheEntry? entry = await tiers.FindAsync(exchange, cancellationToken);
        span?.SetTag(SpanTags.Tier, "exact").SetTag(SpanTags.Found, entry is not null);
        return entry;
    }

    private async Task AwaitedAsync(HttpContext context, ExchangeFeature exchange, ValueTask<CacheEntry?> lookup, long started)
    {
        exchange.KeepBody();
        CacheEntry? entry = await lookup;
        metrics.LookedUp("exact", started);
        await (server.TryServe(context, exchange, entry) ?? next(context));
    }
}
