using System.Diagnostics;
using CacheProxy.Budget;
using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;
using CacheProxy.Exchange.Routes;
using CacheProxy.Observability;
using CacheProxy.Observability.Tracing;
using CacheProxy.Protocol.OpenAI;
using Microsoft.Extensions.Options;

namespace CacheProxy.Embeddings;

/// <summary>
/// Embedding requests take this way instead of the steps from 2 to 7: each input has its own identity and its own entry, whichever batch it
/// comes in. Known inputs are answered from their entries, those under way are waited for, and only the rest goes upstream, once.
/// </summary>
internal sealed class EmbeddingsMiddleware(
    RequestDelegate next, EmbeddingFingerprinter fingerprinter, EntryBatches tiers, EmbeddingMisses misses, EmbeddingReplies replies, BudgetGuard budgets,
    IUpstreamDirectory upstreams, CachePolicies policies, IOptionsMonitor<ExactOptions> exact, IOptionsMonitor<EmbeddingsOptions> options, CacheProxyMetrics metrics,
    TimeProvider clock)
{
    public Task InvokeAsync(HttpContext context)
    {
        ExchangeFeature exchange = context.GetExchange();
        if (exchange.Flags.Reason == BypassReason.Unparsed)
        {
            exchange.Route = upstreams.FindDefault(exchange.Dialect) ?? upstreams.Default;
            return PassAsync(context, exchange);
        }

        EmbeddingBatch? batch = fingerprinter.Read(exchange, exact.CurrentValue, options.CurrentValue.MaxInputs, out RequestError? error);
        if (error is not null)
        {
            return ErrorReply.WriteAsync(context, error);
        }

        exchange.Policy = policies.For(exchange, context.Request.Path);
        if (!options.CurrentValue.Enabled || batch is null)
        {
            exchange.Flags.DenyAll(batch is null ? BypassReason.Unparsed : BypassReason.Disabled);
        }

        if (exchange.Flags is { AllowLookup: false, AllowStore: false })
        {
            return PassAsync(context, exchange);
        }

        exchange.Fingerprint = batch!.Fingerprints[0];
        return exchange.Flags.AllowLookup ? LookUp(context, exchange, batch) : ForwardAsync(context, exchange, batch);
    }

    private async Task ForwardAsync(HttpContext context, ExchangeFeature exchange, EmbeddingBatch batch)
    {
        exchange.KeepBody();
        await budgets.JudgeAsync(context, exchange);
        await misses.ForwardWholeAsync(context, exchange, batch, next);
    }

    private Task PassAsync(HttpContext context, ExchangeFeature exchange)
    {
        exchange.KeepBody();
        return next(context);
    }

    private Task LookUp(HttpContext context, ExchangeFeature exchange, EmbeddingBatch batch)
    {
        long started = metrics.IsLookupEnabled ? clock.GetTimestamp() : 0;
        var entries = new BatchEntries(batch);
        if (ProxySpans.IsTraced || !FindAtOnce(exchange, batch, entries))
        {
            return LookBelowAsync(context, exchange, batch, entries, started);
        }

        metrics.LookedUp("exact", started);
        return replies.WriteHitAsync(context, exchange, batch, entries.Usable, isStale: false);
    }

    private async Task LookBelowAsync(HttpContext context, ExchangeFeature exchange, EmbeddingBatch batch, BatchEntries entries, long started)
    {
        exchange.KeepBody();
        await (ProxySpans.IsTraced ? TracedFindAsync(context, exchange, batch, entries) : FindBelowAsync(context, exchange, batch, entries));
        metrics.LookedUp("exact", started);
        if (entries.Refresh.Count > 0 && EntryRefresher.MayRefresh(exchange))
        {
            misses.Refresh(context, exchange, batch, entries.Refresh, next);
        }

        if (entries.Missing.Count == 0)
        {
            await replies.WriteHitAsync(context, exchange, batch, entries.Usable, entries.IsStale);
        }
        else if (exchange.Directives.OnlyIfCached)
        {
            await next(context);
        }
        else
        {
            await budgets.JudgeAsync(context, exchange);
            await misses.MakeAsync(context, exchange, batch, entries, next);
        }
    }

    /// <returns>Every input has a fresh entry in memory.</returns>
    private bool FindAtOnce(ExchangeFeature exchange, EmbeddingBatch batch, BatchEntries entries)
    {
        tiers.FindAtOnce(batch.Fingerprints, entries.Stored);
        entries.Judge(exchange, clock.GetUtcNow());
        return entries.Missing.Count == 0 && !entries.IsStale;
    }

    private async Task FindBelowAsync(HttpContext context, ExchangeFeature exchange, EmbeddingBatch batch, BatchEntries entries)
    {
        await tiers.FindBelowAsync(exchange, batch.Fingerprints, entries.Stored, context.RequestAborted);
        entries.Judge(exchange, clock.GetUtcNow());
    }

    private async Task TracedFindAsync(HttpContext context, ExchangeFeature exchange, EmbeddingBatch batch, BatchEntries entries)
    {
        using Activity? span = ProxySpans.Start(ProxySpans.Lookup);
        if (!FindAtOnce(exchange, batch, entries))
        {
            await FindBelowAsync(context, exchange, batch, entries);
        }

        span?.SetTag(SpanTags.Tier, "exact").SetTag(SpanTags.Found, entries.Missing.Count == 0)
            .SetTag(SpanTags.Inputs, batch.Inputs.Length).SetTag(SpanTags.InputsFound, entries.Found);
    }
}
