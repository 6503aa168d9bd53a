using System.Diagnostics;
using System.Runtime.InteropServices;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Routes;
using CacheProxy.Forward.Routes;
using CacheProxy.Forward.Upstreams;
using CacheProxy.Ledger.Prices;
using CacheProxy.PrefixTag;
using CacheProxy.Protocol.OpenAI;
using Microsoft.AspNetCore.Http.Features;
using Polly;
using Polly.CircuitBreaker;
using Yarp.ReverseProxy.Forwarder;

namespace CacheProxy.Forward;

/// <summary>
/// Sends a request to the destinations of its route, one after the other until one answers, through YARP's forwarder, and the answer back as it comes. Once a byte of
/// an answer has left, nothing is tried any more; a failure of all becomes one error body.
/// </summary>
public sealed partial class UpstreamForwarder(IHttpForwarder forwarder, PrefixForecast forecast, UpstreamMetrics metrics, TimeProvider clock, ILogger<UpstreamForwarder> logger)
{
    private readonly DestinationOrder _order = new();

    /// <param name="exchange">Null: a request that the cache has nothing to do with; its body is the client's own stream and is sent once.</param>
    /// <param name="meter">Where there is no exchange: what the answer's cost is written to; null: it is not asked for.</param>
    /// <param name="salt">The sender's, where there is no exchange to say it; null: not sent.</param>
    /// <returns>Null: the upstream's answer is on its way to the client, or the client is gone.</returns>
    public async Task<RequestError?> SendAsync(HttpContext context, UpstreamRoute route, ExchangeFeature? exchange, string? salt = null, ExchangeFeature? meter = null)
    {
        IReadOnlyList<UpstreamDestination> order = _order.Of(route);
        TimeSpan? retryAfter = null;
        for (int i = 0; ; i++)
        {
            // What a client streams is gone once it was sent.
            bool hasNext = exchange is not null && i + 1 < order.Count;
            UpstreamCall call = Prepare(context, route, exchange, meter, salt ?? exchange?.Salt, order[i], hasNext, hasNext && IsEqual(route, order[i + 1]));
            ForwardAttempt attempt = await AskAsync(call);
            retryAfter = attempt.RetryAfter ?? retryAfter;
            if (!attempt.CanGoElsewhere || !hasNext)
            {
                return ToError(context, call.Upstream, attempt, retryAfter);
            }

            metrics.FellBack(call.Upstream.Name);
            Log.GoesElsewhere(logger, call.Upstream.Name, attempt.Result, order[i + 1].Target.Name);
        }
    }

    private UpstreamCall Prepare(
        HttpContext context, UpstreamRoute route, ExchangeFeature? exchange, ExchangeFeature? meter, string? salt, UpstreamDestination destination, bool hasNext, bool hasEqual)
    {
        BodyEdits edits = default;
        if (meter is not null)
        {
            meter.Served = destination.Target;
        }

        if (exchange is not null)
        {
            exchange.Served = destination.Target;
            string asked = exchange.Facts.Model;
            if (!destination.IsSameModel && destination.Model is { } model && model != route.ModelOf(asked))
            {
                exchange.Flags.DenyStore(BypassReason.Fallback);
            }

            edits = UpstreamCall.EditsOf(exchange, route, destination);
            exchange.Expectation = forecast.Expect(exchange, destination.Target, edits.Model ?? asked, edits.MarksSystem);
        }

        return new UpstreamCall
        {
            Context = context,
            Exchange = exchange,
            Meter = meter,
            Route = route,
            Destination = destination,
            Salt = salt,
            Body = exchange is null ? default : RequestBodyRewriter.Apply(exchange.Body, edits),
            AddsUsage = edits.AddsUsage,
            HasNext = hasNext,
            HasEqual = hasEqual,
        };
    }

    private static bool IsEqual(UpstreamRoute route, UpstreamDestination destination) => route.Destinations.Contains(destination);

    /// <summary>The upstream cannot answer now. A 500 may be this one request's fault.</summary>
    internal static bool IsFailure(int status) => status > StatusCodes.Status500InternalServerError;

    private async ValueTask<ForwardAttempt> AskAsync(UpstreamCall call)
    {
        UpstreamClient client = call.Upstream.Client;
        Admission admission = client.Health.TryEnter(isLast: !call.HasNext);
        if (admission == Admission.Refused)
        {
            return Rested(call);
        }

        call.IsTrial = admission == Admission.Trial;
        ForwardAttempt attempt = call.IsTrial || call.Exchange is null ? await TryAsync(call) : await RunAsync(call);
        if (attempt.IsFailure && client.Health.Failed())
        {
            Log.Rests(logger, call.Upstream.Name, attempt.Result);
        }
        else if (attempt.Result is AttemptResult.Ok or AttemptResult.ClientError)
        {
            client.Health.Succeeded();
        }

        return attempt;
    }

    private async ValueTask<ForwardAttempt> RunAsync(UpstreamCall call)
    {
        UpstreamClient client = call.Upstream.Client;
        try
        {
            ForwardAttempt? first = null;
            if (client.LetsThrough)
            {
                first = await TryAsync(call);
                if (first is { IsFailure: false, CanBeRepeated: false } last)
                {
                    client.Count(last);
                    return last;
                }
            }

            return await TryOnAsync(call, first);
        }
        catch (OperationCanceledException) when (call.Context.RequestAborted.IsCancellationRequested)
        {
            return new ForwardAttempt(ForwarderError.RequestCanceled, AttemptResult.Canceled);
        }
    }

    /// <summary>Retries and breaker decide, of the first try too where there was one.</summary>
    private async ValueTask<ForwardAttempt> TryOnAsync(UpstreamCall call, ForwardAttempt? first)
    {
        ResilienceContext resilience = ResilienceContextPool.Shared.Get(call.Context.RequestAborted);
        try
        {
            return await call.Upstream.Client.Pipeline.ExecuteAsync(_ => Next(), resilience);
        }
        catch (BrokenCircuitException)
        {
            // Where the first try is still there, others opened the circuit while it was out: unless it was to be repeated it has an end of its own already.
            return first is { CanBeRepeated: false } ? first.Value : Rested(call);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(resilience);
        }

        // The pipeline did not run the first try, but judges it, counts it and waits after it as its own.
        ValueTask<ForwardAttempt> Next()
        {
            if (first is not { } made)
            {
                return TryAsync(call);
            }

            first = null;
            return ValueTask.FromResult(made);
        }
    }

    private ForwardAttempt Rested(UpstreamCall call)
    {
        metrics.Attempted(call.Upstream.Name, AttemptResult.Rested, isRetry: false);
        TimeSpan left = call.Upstream.Client.Health.RestLeft(isLast: !call.HasNext);
        return new ForwardAttempt(ForwarderError.NoAvailableDestinations, AttemptResult.Rested) { CanGoElsewhere = true, RetryAfter = left > TimeSpan.Zero ? left : null };
    }

    private async ValueTask<ForwardAttempt> TryAsync(UpstreamCall call)
    {
        HttpContext context = call.Context;
        Upstream upstream = call.Upstream;
        call.Tries++;
        if (call.Exchange is not null)
        {
            ArraySegment<byte> body = ToArraySegment(call.Body);
            context.Request.Body = new MemoryStream(body.Array!, body.Offset, body.Count, writable: false);
            // The try before may have left its status on it.
            context.Response.StatusCode = StatusCodes.Status200OK;
            context.Features.Get<IHttpResponseFeature>()!.ReasonPhrase = null;
        }

        int total = upstream.Options.TotalTimeoutSeconds;
        using CancellationTokenSource? limit = total > 0 ? new CancellationTokenSource(TimeSpan.FromSeconds(total), clock) : null;
        var transformer = new UpstreamTransformer(call, clock);
        Activity? span = UpstreamSpan.Start(call);
        upstream.Client.Health.Begin();
        MachineTime.Share? share = upstream.IsOwnMachine && call.Metered is not null ? upstream.Client.Machine.Begin() : null;
        ForwarderError error;
        try
        {
            error = await forwarder.SendAsync(context, upstream.BaseUrl, InvokerOf(call), upstream.Client.Config, transformer, limit?.Token ?? CancellationToken.None);
        }
        finally
        {
            upstream.Client.Health.End();
            NoteCost(call, transformer, share);
        }

        bool isGone = context.RequestAborted.IsCancellationRequested;
        AttemptResult result = ResultOf(error, transformer.Status, isGone, limit is { IsCancellationRequested: true });
        if (result == AttemptResult.Timeout)
        {
            error = ForwarderError.RequestTimedOut;
        }

        bool isFailure = result is AttemptResult.Unreachable or AttemptResult.Timeout or AttemptResult.Broken
            || (result == AttemptResult.ServerError && IsFailure(transformer.Status));
        Note(call, context, error, result);
        if (span is not null)
        {
            UpstreamSpan.End(span, call, transformer.Status, result);
        }

        bool mayGoOn = !isGone && !context.Response.HasStarted && call.Exchange is not null;
        return new ForwardAttempt(error, result)
        {
            CanBeRepeated = mayGoOn && (transformer.WasTurnedAway ? transformer.MayTryHere : result == AttemptResult.Unreachable && call.HasTries),
            CanGoElsewhere = mayGoOn && (transformer.WasTurnedAway || result is AttemptResult.Unreachable or AttemptResult.Timeout),
            RetryAfter = transformer.RetryAfter,
            IsFailure = isFailure,
        };
    }

    private void NoteCost(UpstreamCall call, UpstreamTransformer transformer, MachineTime.Share? share)
    {
        if (call.Metered is not { } exchange)
        {
            return;
        }

        if (share is { } began)
        {
            exchange.MachineSeconds = (exchange.MachineSeconds ?? 0) + call.Upstream.Client.Machine.End(began);
        }

        // Of the try before, where there was one, nothing is known any more. Providers charge for answers, not for refusing to give one.
        exchange.Usage = transformer.Status >= StatusCodes.Status400BadRequest ? TokenCounts.None : TokenCounts.Unknown;
        exchange.BilledModel = null;
        transformer.Tap?.Tell();
        NoteCachedTokens(call.Upstream, exchange);
        if (transformer.Tap is { IsAbsurd: true } && call.Upstream.Client.IsFirstAbsurdUsage())
        {
            Log.AbsurdUsage(logger, call.Upstream.Name);
        }
    }

    // Some that tell what came out of their prefix cache leave the count out where it is 0; others never tell.
    private static void NoteCachedTokens(Upstream upstream, ExchangeFeature exchange)
    {
        if (exchange.Usage.CachedRead >= 0)
        {
            upstream.Client.TellsCachedTokens |= exchange.Usage.Prompt > 0;
        }
        else if (exchange.Usage.Prompt >= 0 && (upstream.Profile.TellsCachedTokens || upstream.Client.TellsCachedTokens))
        {
            exchange.Usage = exchange.Usage with { CachedRead = 0 };
        }
    }

    private static HttpMessageInvoker InvokerOf(UpstreamCall call)
    {
        UpstreamClient client = call.Upstream.Client;
        return call.Exchange is not null && call.Body.Length <= KnownBodyInvoker.MaxBytes ? new KnownBodyInvoker(client.Handler, client.Invoker, call.Body) : client.Invoker;
    }

    private void Note(UpstreamCall call, HttpContext context, ForwarderError error, AttemptResult result)
    {
        metrics.Attempted(call.Upstream.Name, result, call.Tries > 1);
        if (result is AttemptResult.Unreachable or AttemptResult.Timeout or AttemptResult.Broken)
        {
            Exception? cause = context.Features.Get<IForwarderErrorFeature>()?.Exception;
            Log.Failed(logger, call.Upstream.Name, error, cause?.InnerException?.Message ?? cause?.Message);
        }
    }

    private static AttemptResult ResultOf(ForwarderError error, int status, bool isGone, bool isOverTotal) => error switch
    {
        ForwarderError.None => status switch
        {
            StatusCodes.Status429TooManyRequests => AttemptResult.RateLimited,
            >= StatusCodes.Status500InternalServerError => AttemptResult.ServerError,
            >= StatusCodes.Status400BadRequest => AttemptResult.ClientError,
            _ => AttemptResult.Ok,
        },
        _ when isGone => AttemptResult.Canceled,
        ForwarderError.RequestTimedOut => AttemptResult.Timeout,
        _ when isOverTotal => AttemptResult.Timeout,
        ForwarderError.RequestCanceled or ForwarderError.ResponseBodyCanceled or ForwarderError.RequestBodyClient or ForwarderError.RequestBodyCanceled
            or ForwarderError.ResponseBodyClient => AttemptResult.Canceled,
        ForwarderError.Request or ForwarderError.RequestCreation => AttemptResult.Unreachable,
        _ => AttemptResult.Broken,
    };

    private static RequestError? ToError(HttpContext context, Upstream upstream, ForwardAttempt attempt, TimeSpan? retryAfter)
        => attempt.Error == ForwarderError.None || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested
            ? null
            : ForwarderErrors.ToRequestError(attempt.Error, upstream.Name) with { RetryAfter = retryAfter };

    private static ArraySegment<byte> ToArraySegment(ReadOnlyMemory<byte> memory)
        => MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> segment) ? segment : new ArraySegment<byte>(memory.ToArray());

    private static partial class Log
    {
        [LoggerMessage(801, LogLevel.Warning, "Forwarding to {Upstream} failed: {Error} ({Cause})", EventName = "ForwardFailed")]
        public static partial void Failed(ILogger logger, string upstream, ForwarderError error, string? cause);

        [LoggerMessage(802, LogLevel.Information, "{Upstream} could not answer ({Result}); {Next} is asked", EventName = "FellBack")]
        public static partial void GoesElsewhere(ILogger logger, string upstream, AttemptResult result, string next);

        [LoggerMessage(804, LogLevel.Warning, "{Upstream} tells usage that cannot be (negative, no whole numbers, parts larger than the whole, far more than the bytes); such answers count as of unknown cost. Said once", EventName = "AbsurdUsage")]
        public static partial void AbsurdUsage(ILogger logger, string upstream);

        [LoggerMessage(803, LogLevel.Warning, "{Upstream} keeps failing ({Result}) and is left alone, but for one request at a time that sees whether it is well again", EventName = "UpstreamRests")]
        public static partial void Rests(ILogger logger, string upstream, AttemptResult result);
    }
}
