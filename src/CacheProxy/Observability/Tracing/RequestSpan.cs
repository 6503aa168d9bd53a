using System.Diagnostics;
using System.Globalization;
using CacheProxy.Exchange;

namespace CacheProxy.Observability.Tracing;

/// <summary>The span of a client's request: the child of the client's own where that says so.</summary>
public static class RequestSpan
{
    // Of those who look after the proxy, not of those who use it.
    private static readonly PathString[] Untraced = ["/metrics", "/healthz", "/readyz", "/admin", "/dashboard"];

    /// <summary>Call it in an async method, whose caller keeps the span that is current there.</summary>
    public static Activity? Start(HttpContext context) => ProxySpans.HasListeners ? Begin(context.Request) : null;

    /// <summary>
    /// The request is over. What the upstream billed for it may be known only later: the span ends now all the same, and is handed over then.
    /// </summary>
    public static void End(Activity? span, HttpContext context)
    {
        if (span is null)
        {
            return;
        }

        ExchangeFeature? exchange = context.Features.Get<ExchangeFeature>();
        SetStatus(span, context, exchange);
        if (exchange is null || !span.IsAllDataRequested)
        {
            span.Dispose();
        }
        else if (exchange.Flight is { IsSettled: false } flight)
        {
            // The machine's clock, as the span's start.
            span.SetEndTime(TimeProvider.System.GetUtcNow().UtcDateTime);
            _ = SettleAsync(span, exchange, flight);
        }
        else
        {
            Describe(span, exchange);
            span.Dispose();
        }
    }

    public static void Fail(Activity span, string error) => span.SetTag(SpanTags.ErrorType, error).SetStatus(ActivityStatusCode.Error);

    private static async Task SettleAsync(Activity span, ExchangeFeature exchange, IFlight flight)
    {
        await flight.SettledFor(exchange);
        Describe(span, exchange);
        span.Dispose();
    }

    private static void SetStatus(Activity span, HttpContext context, ExchangeFeature? exchange)
    {
        int status = context.RequestAborted.IsCancellationRequested ? StatusCodes.Status499ClientClosedRequest : context.Response.StatusCode;
        span.SetTag(SpanTags.Status, status);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            Fail(span, exchange?.UpstreamError?.Code ?? status.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static void Describe(Activity span, ExchangeFeature exchange)
    {
        span.SetTag(SpanTags.Operation, SpanTags.OperationOf(exchange.Dialect));
        if (exchange.Facts.Model.Length > 0)
        {
            span.SetTag(SpanTags.RequestModel, exchange.Facts.Model).SetTag(SpanTags.Stream, exchange.Facts.IsStream);
        }

        ExchangeFeature leader = exchange.Flight?.Leader ?? exchange;
        CacheEntry? entry = exchange.Answered ?? leader.Answered ?? leader.Recorded;
        SpanTags.SetUsage(span, entry?.Answer.Tokens ?? leader.Usage);
        if ((entry?.Answer.Model ?? leader.BilledModel) is { Length: > 0 } model)
        {
            span.SetTag(SpanTags.ResponseModel, model);
        }

        span.SetTag(SpanTags.Outcome, exchange.Outcome.ToTag()).SetTag(SpanTags.Tier, exchange.Outcome.ToTier());
        if (exchange.Outcome == CacheOutcome.Semantic)
        {
            span.SetTag(SpanTags.Similarity, Math.Round(exchange.Similarity, 4));
        }

        if (exchange.Flags.Reason != default)
        {
            span.SetTag(SpanTags.Bypass, exchange.Flags.Reason.ToTag());
        }

        if (exchange.Fingerprint != default)
        {
            span.SetTag(SpanTags.Fingerprint, exchange.Fingerprint.ToShortString());
        }

        if (exchange.PrefixId is { } prefix)
        {
            span.SetTag(SpanTags.PrefixId, prefix);
        }

        if (exchange.Served is { } served && Uri.TryCreate(served.BaseUrl, UriKind.Absolute, out Uri? address))
        {
            span.SetTag(SpanTags.UpstreamName, served.Name).SetTag(SpanTags.ServerAddress, address.Host).SetTag(SpanTags.ServerPort, address.Port);
        }
    }

    private static Activity? Begin(HttpRequest request)
    {
        foreach (PathString path in Untraced)
        {
            if (request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase))
            {
                return null;
            }
        }

        // Paths beyond the dialects' hold ids: none of them names a span.
        bool isKnown = DialectPaths.TryFind(request.Path, out _);
        Activity? span = ProxySpans.StartServer(
            isKnown ? $"{request.Method} {request.Path.Value}" : request.Method, Activity.Current is null ? TraceHeaders.Read(request.Headers) : default);
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag(SpanTags.Method, request.Method).SetTag(SpanTags.UrlPath, request.Path.Value).SetTag(SpanTags.UrlScheme, request.Scheme);
            if (isKnown)
            {
                span.SetTag(SpanTags.Route, request.Path.Value);
            }
        }

        return span;
    }
}
