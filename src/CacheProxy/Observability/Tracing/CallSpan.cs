using System.Diagnostics;
using CacheProxy.Exchange;

namespace CacheProxy.Observability.Tracing;

/// <summary>
/// The span of the upstream call that made an answer. It ends with the answer's last byte and is handed over when the usage in it has been read, which is later.
/// </summary>
public static class CallSpan
{
    /// <summary>Notes the end; the span is not handed over yet.</summary>
    public static void Keep(ExchangeFeature exchange, Activity span)
    {
        // The machine's clock, as the span's start.
        span.SetEndTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        exchange.UpstreamSpan = span;
    }

    /// <summary>Hands it over with what is known by now. Does nothing where there is none.</summary>
    public static void End(ExchangeFeature? exchange)
    {
        if (exchange?.UpstreamSpan is not { } span)
        {
            return;
        }

        exchange.UpstreamSpan = null;
        SpanTags.SetUsage(span, exchange.Usage);
        if ((exchange.BilledModel ?? exchange.Recorded?.Answer.Model) is { Length: > 0 } model)
        {
            span.SetTag(SpanTags.ResponseModel, model);
        }

        // Another span may be current here, and stays so.
        Activity? current = Activity.Current;
        span.Dispose();
        Activity.Current = current;
    }
}
