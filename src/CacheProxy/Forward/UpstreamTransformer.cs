using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using CacheProxy.Exchange.Replay;
using CacheProxy.Forward.Upstreams;
using CacheProxy.Observability.Tracing;
using CacheProxy.Protocol;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace CacheProxy.Forward;

/// <summary>What changes between client and upstream: our own headers, the credentials, and on the way back what the cache has to say.</summary>
internal sealed class UpstreamTransformer(UpstreamCall call, TimeProvider clock) : HttpTransformer
{
    private const string OwnHeaders = "X-CacheProxy-";
    private const string EventStream = "text/event-stream";

    private static readonly string[] Credentials = ["Authorization", "api-key", "x-api-key", "x-goog-api-key", "Proxy-Authorization", "Cookie"];

    /// <summary>The upstream's status; 0: it did not answer.</summary>
    public int Status { get; private set; }

    /// <summary>Reads what the answer cost; null: there is none to read.</summary>
    public UsageTap? Tap { get; private set; }

    /// <summary>The upstream answered that it cannot answer now, and its answer was not passed on.</summary>
    public bool WasTurnedAway { get; private set; }

    /// <summary>Another try here may do better.</summary>
    public bool MayTryHere { get; private set; }

    public TimeSpan? RetryAfter { get; private set; }

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.Headers.Host = null;
        proxyRequest.RequestUri = call.Upstream.Address.Of(httpContext.Request.Path, httpContext.Request.QueryString, call.Exchange?.Dialect, call.Model,
            httpContext.Features.Get<IHttpRequestFeature>()?.RawTarget);
        // What a client sends under our names is for us; passed on, it could choose another tenant's salt.
        foreach (string name in httpContext.Request.Headers.Keys)
        {
            if (name.StartsWith(OwnHeaders, StringComparison.OrdinalIgnoreCase))
            {
                proxyRequest.Headers.Remove(name);
            }
        }

        TraceHeaders.Write(proxyRequest);
        SetCredentials(proxyRequest);
        if (call.Upstream.Profile.RequiredHeader is { } required && !proxyRequest.Headers.Contains(required.Name))
        {
            proxyRequest.Headers.TryAddWithoutValidation(required.Name, required.Value);
        }

        if (call.Exchange is not null)
        {
            // The body is here already: asking whether to send it would cost a round trip, or a second where nobody answers that.
            proxyRequest.Headers.ExpectContinue = null;
        }

        if (call.Metered is not null)
        {
            // What is kept must be readable for whoever asks next, whatever this client can unpack; and what is not kept still tells its usage.
            proxyRequest.Headers.Remove("Accept-Encoding");
        }

        if (call.Exchange is { } exchange && proxyRequest.Content is { } content && call.Body.Length != exchange.Body.Length)
        {
            content.Headers.ContentLength = call.Body.Length;
        }

        if (call.Upstream.IsCacheProxyAware)
        {
            AddOwnHeaders(proxyRequest);
        }
    }

    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
        {
            return await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        }

        Status = (int)proxyResponse.StatusCode;
        if (call.IsTrial && !UpstreamForwarder.IsFailure(Status))
        {
            // By its headers: others need not wait for the end of a long answer.
            await call.Upstream.Client.RecoverAsync();
        }

        if (IsTurnedAway(proxyResponse))
        {
            WasTurnedAway = true;
            return false;
        }

        bool copyBody = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        if (call.Exchange is { } exchange)
        {
            exchange.AnsweredAt = clock.GetUtcNow();
            exchange.UsageWasAdded = call.AddsUsage;
            ResponseHeaders.Write(httpContext.Response, exchange);
        }

        if (call.Metered is { } metered)
        {
            Tap = UsageTap.For(proxyResponse, metered);
        }

        bool isStream = proxyResponse.Content.Headers.ContentType?.MediaType == EventStream;
        if (proxyResponse.StatusCode != HttpStatusCode.SwitchingProtocols)
        {
            ReadThrough(httpContext.Response, proxyResponse);
        }

        if (isStream)
        {
            // YARP would hold the headers back until the first token; the client of a stream knows by them that it was accepted.
            await httpContext.Response.Body.FlushAsync(cancellationToken);
        }

        return copyBody;
    }

    private void ReadThrough(HttpResponse response, HttpResponseMessage proxyResponse)
    {
        UpstreamTuning tuning = call.Upstream.Client.Tuning;
        TimeSpan? limit = tuning.ActivityTimeout < tuning.FirstByteTimeout ? tuning.ActivityTimeout : null;
        // Who reads a kept answer takes the usage out for each client as it wants; of what is not kept this is the only reader.
        bool isTakenOut = Tap is { IsStream: true } && call.AddsUsage && call.Exchange is { Capture: null } && proxyResponse.StatusCode == HttpStatusCode.OK;
        if (isTakenOut)
        {
            response.ContentLength = null;
        }

        if (limit is not null || Tap is not null)
        {
            proxyResponse.Content = new ContentThrough(proxyResponse.Content, limit, clock, Tap, isTakenOut ? new UsageFilter() : null);
        }
    }

    private bool IsTurnedAway(HttpResponseMessage response)
    {
        if (call.Exchange is null || !call.Upstream.IsWorthAnother(Status))
        {
            return false;
        }

        RetryAfter = ReadRetryAfter(response.Headers);
        bool isSoon = RetryAfter is null || RetryAfter <= TimeSpan.FromSeconds(call.Upstream.Options.MaxRetryAfterSeconds);
        // Who limits rates and does not say until when is only asked more often by being asked again.
        MayTryHere = call.HasTries && isSoon && (Status != StatusCodes.Status429TooManyRequests || RetryAfter is not null);
        return MayTryHere || call.HasNext;
    }

    private TimeSpan? ReadRetryAfter(HttpResponseHeaders headers)
    {
        // In milliseconds as OpenAI sends it, else as RFC 9110 §10.2.3 says.
        if (headers.TryGetValues("retry-after-ms", out IEnumerable<string>? values)
            && double.TryParse(values.First(), NumberStyles.Float, CultureInfo.InvariantCulture, out double milliseconds) && milliseconds is >= 0 and < 1e9)
        {
            return TimeSpan.FromMilliseconds(milliseconds);
        }

        TimeSpan? wait = headers.RetryAfter?.Delta ?? (headers.RetryAfter?.Date - clock.GetUtcNow());
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private void SetCredentials(HttpRequestMessage request)
    {
        string? key = call.Upstream.Credential.Key;
        if (key is null && call.MayUseClientCredentials)
        {
            return;
        }

        foreach (string name in Credentials)
        {
            request.Headers.Remove(name);
        }

        if (key is not null)
        {
            call.Upstream.AddKey(request, key);
        }
    }

    private void AddOwnHeaders(HttpRequestMessage request)
    {
        if (call.Exchange?.PrefixId is { } prefix)
        {
            request.Headers.TryAddWithoutValidation(HeaderNames.Prefix, prefix);
        }

        if (call.Salt is not null)
        {
            request.Headers.TryAddWithoutValidation(HeaderNames.Salt, call.Salt);
        }
    }
}
