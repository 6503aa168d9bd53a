using System.Globalization;
using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Replay;
using CacheProxy.Protocol;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Forward;

/// <summary>The headers that every forwarded answer carries.</summary>
internal static class ResponseHeaders
{
    /// <summary>When to come again, where all that were asked failed and one of them said it.</summary>
    public static void WriteRetryAfter(HttpResponse response, RequestError error)
    {
        if (error.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = ((long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }
    }

    public static void Write(HttpResponse response, ExchangeFeature exchange)
    {
        if (exchange.Policy.ObeyUpstreamCacheControl && FreshnessPolicy.For(exchange, UpstreamCacheControl.Read(response.Headers.CacheControl)).IsNothing)
        {
            exchange.Flags.DenyStore(BypassReason.UpstreamNoStore);
        }

        bool willStore = exchange.Flags.AllowStore && exchange.Capture is not null && response.StatusCode == StatusCodes.Status200OK;
        string own = StatusHeader.Forwarded(exchange, willStore);
        // A list, the cache nearest to the origin first (RFC 9211 §2): an upstream that is a cache too keeps its member.
        string? upstream = response.Headers[HeaderNames.CacheStatus];
        response.Headers[HeaderNames.CacheStatus] = string.IsNullOrEmpty(upstream) ? own : $"{upstream}, {own}";
        if (exchange.PrefixId is { } prefix)
        {
            response.Headers[HeaderNames.Prefix] = prefix;
        }
    }
}
