using CacheProxy.Exchange;
using CacheProxy.Exchange.Replay;
using CacheProxy.Protocol;

namespace CacheProxy.Forward;

/// <summary>The headers that every forwarded answer carries.</summary>
internal static class ResponseHeaders
{
    public static void Write(HttpResponse response, ExchangeFeature exchange)
    {
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
