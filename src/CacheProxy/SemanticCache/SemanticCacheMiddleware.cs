using CacheProxy.Exchange;
using CacheProxy.Exchange.Replay;
using CacheProxy.Observability;
using CacheProxy.SemanticCache.Questions;

namespace CacheProxy.SemanticCache;

/// <summary>Step 5. Answers with the entry of the same question in other words. The cascade itself is <see cref="SemanticLookup"/>.</summary>
public sealed partial class SemanticCacheMiddleware(
    RequestDelegate next, SemanticStage stage, AnswerReplay replay, CacheProxyMetrics metrics, TimeProvider clock, ILogger<SemanticCacheMiddleware> logger)
{
    public Task InvokeAsync(HttpContext context)
    {
        ExchangeFeature exchange = context.GetExchange();
        return exchange.Flags.AllowLookup && QueryReader.Concerns(exchange.Facts) && stage.Lookup is { } lookup
            ? LookUpAsync(context, exchange, lookup)
            : next(context);
    }

    private async Task LookUpAsync(HttpContext context, ExchangeFeature exchange, SemanticLookup lookup)
    {
        exchange.KeepBody();
        long started = metrics.IsLookupEnabled ? clock.GetTimestamp() : 0;
        SemanticDecision decision = await lookup.LookupAsync(stage.Read(exchange), context.RequestAborted);
        exchange.SemanticSkip = decision.Reason.ToSkip();
        metrics.LookedUp("semantic", started);
        Count(decision);
        if (logger.IsEnabled(LogLevel.Debug))
        {
            Log.Decided(
                logger, exchange.Fingerprint.ToShortString(), decision.Reason, decision.Best?.Similarity ?? 0, decision.Best?.Score ?? double.NaN,
                decision.Best?.Guard, decision.Times.Total.TotalMilliseconds);
        }

        if (decision.Entry is { } entry && AnswerReplay.CanAnswer(exchange, entry))
        {
            await replay.WriteAsync(context, exchange, entry, CacheOutcome.Semantic, decision.Best!.Similarity);
            return;
        }

        await next(context);
    }

    private void Count(SemanticDecision decision)
    {
        metrics.Decided(decision.Reason.ToTag());
        metrics.StageTook("prefilter", decision.Times.Prefilter);
        metrics.StageTook("embed", decision.Times.Embed);
        metrics.StageTook("search", decision.Times.Search);
        metrics.StageTook("guard", decision.Times.Guard);
        metrics.StageTook("verify", decision.Times.Verify);
        metrics.StageTook("fetch", decision.Times.Fetch);
    }

    private static partial class Log
    {
        [LoggerMessage(503, LogLevel.Debug, "Semantic look-up of {Fingerprint}: {Reason}, similarity {Similarity:F4}, score {Score:F2}, guard {Guard}, {Milliseconds:F1} ms", EventName = "SemanticDecided")]
        public static partial void Decided(
            ILogger logger, string fingerprint, SemanticReason reason, float similarity, double score, string? guard, double milliseconds);
    }
}
