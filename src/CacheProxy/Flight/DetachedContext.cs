using CacheProxy.Exchange;
using Microsoft.AspNetCore.Http.Features;

namespace CacheProxy.Flight;

/// <summary>
/// A request of its own, made from a client's: the rest of the pipeline runs on it and does not notice when the client goes. Everything
/// is copied at the start, because the client's own request may be over, and its objects in use by the next one, long before.
/// </summary>
internal static class DetachedContext
{
    public static HttpContext Create(HttpContext client, ExchangeFeature exchange, SharedAnswer answer, IServiceProvider services)
    {
        var headers = new HeaderDictionary(client.Request.Headers.Count);
        foreach (var header in client.Request.Headers)
        {
            headers[header.Key] = header.Value;
        }

        var response = new DetachedResponse(answer);
        var features = new FeatureCollection(initialCapacity: 12);
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Protocol = client.Request.Protocol,
            Scheme = client.Request.Scheme,
            Method = client.Request.Method,
            PathBase = client.Request.PathBase,
            Path = client.Request.Path,
            QueryString = client.Request.QueryString.Value ?? "",
            Headers = headers,
        });
        features.Set<IHttpResponseFeature>(response);
        features.Set<IHttpResponseBodyFeature>(response);
        features.Set<IHttpRequestLifetimeFeature>(response);
        features.Set<IHttpRequestBodyDetectionFeature>(HasBody.Instance);
        features.Set(exchange);
        return new DefaultHttpContext(features) { RequestServices = services, TraceIdentifier = client.TraceIdentifier };
    }

    private sealed class HasBody : IHttpRequestBodyDetectionFeature
    {
        public static readonly HasBody Instance = new();

        public bool CanHaveBody => true;
    }
}
