using CacheProxy.Exchange;
using CacheProxy.Protocol;
using Yarp.ReverseProxy.Forwarder;

namespace CacheProxy.Forward;

/// <summary>What changes between client and upstream: our own headers, the credentials, and on the way back what the cache has to say.</summary>
internal sealed class UpstreamTransformer(UpstreamTarget target, ExchangeFeature? exchange, string? salt, bool mayRetry, TimeProvider clock) : HttpTransformer
{
    private const string OwnHeaders = "X-CacheProxy-";

    /// <summary>The upstream answered that it cannot answer now, and its answer was not passed on.</summary>
    public bool WasTurnedAway { get; private set; }

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.Headers.Host = null;
        // What a client sends under our names is for us; passed on, it could choose another tenant's salt.
        foreach (string name in httpContext.Request.Headers.Keys)
        {
            if (name.StartsWith(OwnHeaders, StringComparison.OrdinalIgnoreCase))
            {
                proxyRequest.Headers.Remove(name);
            }
        }

        if (target.ApiKey is { } key)
        {
            proxyRequest.Headers.Remove("Authorization");
            proxyRequest.Headers.Remove("api-key");
            proxyRequest.Headers.Remove("x-api-key");
            bool isBearer = target.ApiKeyHeader.Equals("Authorization", StringComparison.OrdinalIgnoreCase);
            proxyRequest.Headers.TryAddWithoutValidation(target.ApiKeyHeader, isBearer ? $"Bearer {key}" : key);
        }

        if (exchange?.Capture is not null)
        {
            // What is kept must be readable for whoever asks next, whatever this client can unpack.
            proxyRequest.Headers.Remove("Accept-Encoding");
        }

        if (target.IsCacheProxyAware)
        {
            AddOwnHeaders(proxyRequest);
        }
    }

    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (mayRetry && proxyResponse is { StatusCode: System.Net.HttpStatusCode.BadGateway or System.Net.HttpStatusCode.ServiceUnavailable })
        {
            WasTurnedAway = true;
            return false;
        }

        bool copyBody = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        if (exchange is not null && proxyResponse is not null)
        {
            exchange.AnsweredAt = clock.GetUtcNow();
            ResponseHeaders.Write(httpContext.Response, exchange);
        }

        if (proxyResponse?.Content.Headers.ContentType?.MediaType == "text/event-stream")
        {
            // YARP would hold the headers back until the first token; the client of a stream knows by them that it was accepted.
            await httpContext.Response.Body.FlushAsync(cancellationToken);
        }

        return copyBody;
    }

    private void AddOwnHeaders(HttpRequestMessage request)
    {
        if (exchange?.PrefixId is { } prefix)
        {
            request.Headers.TryAddWithoutValidation(HeaderNames.Prefix, prefix);
        }

        if (salt is not null)
        {
            request.Headers.TryAddWithoutValidation(HeaderNames.Salt, salt);
        }
    }
}
