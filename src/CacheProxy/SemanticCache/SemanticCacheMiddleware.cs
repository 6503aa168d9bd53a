using System.Diagnostics;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Replay;
using CacheProxy.Observability;
using CacheProxy.Observability.Tracing;
using CacheProxy.SemanticCache.Questions;
using CacheProxy.SemanticCache.Truth;

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
        SemanticQuery query = stage.Read(exchange);
        SemanticDecision decision = await (ProxySpans.IsTraced ? TracedAsync(lookup, query, context.RequestAborted) : lookup.LookupAsync(query, context.RequestAborted));
        exchange.SemanticSkip = decision.Reason.ToSkip();
        exchange.NearMiss = decision.NearMiss;
        exchange.OwnWorkSeconds = stage.OwnSecondsOf(decision.Times);
        metrics.LookedUp("semantic", started);
        Count(decision);
        if (logger.IsEnabled(LogLevel.Debug))
        {
            Log.Decided(
                logger, exchange.Fingerprint.ToShortString(), decision.Reason, decision.Best?.Similarity ?? 0, decision.Best?.Score ?? double.NaN,
                decision.Best?.Guard, decision.Times.Total.TotalMilliseconds);
        }

        TruthKeeper? truth = stage.Truth;
        if (decision.Entry is { } entry && AnswerReplay.CanAnswer(exchange, entry))
        {
            await replay.WriteAsync(context, exchange, entry, CacheOutcome.Semantic, decision.Best!.Similarity);
            truth?.Decided(query, decision.Trial, isServed: true);
            truth?.MaybeAudit(decision.Trial!, query, context, exchange);
            return;
        }

        if (decision.WasLookedUp)
        {
            truth?.Decided(query, decision.Trial, isServed: false);
        }

        Task AskAsync() => truth is not null && decision.Trial is { } trial && truth.Wants(trial) ? CompareAsync(context, exchange, query, truth, trial with { Served = false }) : next(context);
        await (decision.WasLookedUp && stage.Pending is { } pending ? AskPendingAsync(pending, query, exchange, AskAsync) : AskAsync());
    }

    // Whoever asks the same in other words as soon as this answer is there finds it: see PendingQuestions.
    private static async Task AskPendingAsync(PendingQuestions pending, SemanticQuery query, ExchangeFeature exchange, Func<Task> askAsync)
    {
        pending.Begin(query, exchange.Capture);
        try
        {
            await askAsync();
        }
        finally
        {
            pending.End(query.Fingerprint, unlessQueued: true);
        }
    }

    private static async ValueTask<SemanticDecision> TracedAsync(SemanticLookup lookup, SemanticQuery query, CancellationToken cancellationToken)
    {
        using Activity? span = ProxySpans.Start(ProxySpans.Lookup);
        SemanticDecision decision = await lookup.LookupAsync(query, cancellationToken);
        span?.SetTag(SpanTags.Tier, "semantic").SetTag(SpanTags.Found, decision.IsHit).SetTag(SpanTags.SemanticReason, decision.Reason.ToTag());
        if (span is not null && decision.Best is { } best)
        {
            span.SetTag(SpanTags.Similarity, Math.Round(best.Similarity, 4));
        }

        return decision;
    }

    // Behind Record, which has made an entry of the upstream's answer by then, if it makes one.
    private async Task CompareAsync(HttpContext context, ExchangeFeature exchange, SemanticQuery query, TruthKeeper truth, SemanticTrial trial)
    {
        exchange.IsIndexedAfter = trial.Verdict.Explores;
        await next(context);
        if (exchange.Recorded is { } fresh)
        {
            truth.Compare(trial, query, fresh, context, exchange);
        }
    }

    private void Count(SemanticDecision decision)
    {
        metrics.Decided(decision.Reason.ToTag());
        metrics.StageTook("wait", decision.Times.Wait);
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
