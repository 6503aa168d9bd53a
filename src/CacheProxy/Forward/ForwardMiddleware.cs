using CacheProxy.Exchange;
using CacheProxy.Exchange.Replay;
using CacheProxy.Observability.Tracing;
using CacheProxy.Protocol;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Forward;

/// <summary>Step 8, the last. Asks the upstream.</summary>
public sealed class ForwardMiddleware(RequestDelegate next, UpstreamForwarder forwarder, TimeProvider clock)
{
    private static readonly RequestError NotCached =
        new("No stored answer satisfies the request, and its Cache-Control asks for nothing else (only-if-cached).", null, "not_cached", StatusCodes.Status504GatewayTimeout);

    public async Task InvokeAsync(HttpContext context)
    {
        ExchangeFeature exchange = context.GetExchange();
        if (exchange.Route is not { } route)
        {
            await next(context);
            return;
        }

        exchange.Outcome = exchange.Flags.AllowLookup ? CacheOutcome.Miss : CacheOutcome.Bypass;
        if (exchange.Directives.OnlyIfCached)
        {
            context.Response.Headers[HeaderNames.CacheStatus] = StatusHeader.NotForwarded;
            await ErrorReply.WriteAsync(context, NotCached);
            return;
        }

        long started = clock.GetTimestamp();
        exchange.UpstreamError = await forwarder.SendAsync(context, route, exchange);
        exchange.UpstreamSeconds = clock.GetElapsedTime(started).TotalSeconds;
        if (exchange.Capture is null)
        {
            // Nobody reads the answer behind this.
            CallSpan.End(exchange);
        }

        if (exchange.UpstreamError is { } error)
        {
            context.Response.StatusCode = error.Status;
            ResponseHeaders.Write(context.Response, exchange);
            ResponseHeaders.WriteRetryAfter(context.Response, error);
            await ErrorReply.WriteAsync(context, error);
        }
    }
}
