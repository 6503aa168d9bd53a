using System.Diagnostics;
using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Observability.Tracing;
using CacheProxy.PrefixTag;

namespace CacheProxy.Record;

/// <summary>
/// Step 7. Behind the client's back, which already has all its bytes: a complete answer becomes an entry. The copy was made while the
/// bytes passed, so nothing here slows a stream, and nothing depends on the client any more.
/// </summary>
public sealed partial class RecordMiddleware(
    RequestDelegate next, EntryFactory factory, PrefixForecast forecast, EntryTiers tiers, PurgeLog purges, IEnumerable<IAnswerObserver> observers,
    IHostApplicationLifetime lifetime, ILogger<RecordMiddleware> logger)
{
    private readonly IAnswerObserver[] _observers = [.. observers];

    public async Task InvokeAsync(HttpContext context)
    {
        ExchangeFeature exchange = context.GetExchange();
        try
        {
            await next(context);
            if (exchange.Capture is { } capture)
            {
                await RecordAsync(context, exchange, capture);
            }
            else
            {
                forecast.Learn(exchange, context.Response.StatusCode);
            }
        }
        finally
        {
            CallSpan.End(exchange);
        }
    }

    private async Task RecordAsync(HttpContext context, ExchangeFeature exchange, IAnswerCapture capture)
    {
        await context.Response.CompleteAsync();
        if (!exchange.Flags.AllowStore || exchange.UpstreamError is not null || capture.IsBroken)
        {
            forecast.Learn(exchange, context.Response.StatusCode);
            return;
        }

        using Activity? span = ProxySpans.Start(ProxySpans.Record);
        RecordResult result = factory.TryMake(context, exchange, capture, out CacheEntry? entry);
        // In front of the stores, which take their time: the next turn of a conversation may be on its way.
        forecast.Learn(exchange, context.Response.StatusCode);
        if (entry is not null && purges.Covers(entry, exchange.PurgeMark))
        {
            (entry, result) = (null, RecordResult.Purged);
        }

        span?.SetTag(SpanTags.RecordResult, result.ToTag());
        if (entry is null)
        {
            exchange.NotStored = result.ToTag();
            Log.NotRecorded(logger, exchange.Fingerprint.ToShortString(), result);
            return;
        }

        exchange.Recorded = entry;
        capture.Settle();
        await tiers.StoreAsync(entry, exchange.PurgeMark, lifetime.ApplicationStopped);
        foreach (IAnswerObserver observer in _observers)
        {
            await NotifyAsync(observer, exchange, entry);
        }
    }

    private async Task NotifyAsync(IAnswerObserver observer, ExchangeFeature exchange, CacheEntry entry)
    {
        try
        {
            await observer.OnRecordedAsync(exchange, entry, lifetime.ApplicationStopped);
        }
        catch (Exception exception)
        {
            Log.ObserverFailed(logger, observer.GetType().Name, entry.Fingerprint.ToShortString(), exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(701, LogLevel.Debug, "The answer to {Fingerprint} is not stored: {Result}", EventName = "NotRecorded")]
        public static partial void NotRecorded(ILogger logger, string fingerprint, RecordResult result);

        [LoggerMessage(702, LogLevel.Warning, "{Observer} failed on the answer to {Fingerprint}", EventName = "ObserverFailed")]
        public static partial void ObserverFailed(ILogger logger, string observer, string fingerprint, Exception exception);
    }
}
