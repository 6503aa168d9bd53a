using System.Collections.Frozen;
using CacheProxy.Exchange;
using CacheProxy.Protocol.OpenAI;
using Polly;
using Polly.CircuitBreaker;
using Yarp.ReverseProxy.Forwarder;

namespace CacheProxy.Forward;

/// <summary>Sends a request to its upstream through YARP's forwarder and the answer back as it comes; a failure becomes one error body.</summary>
public sealed partial class UpstreamForwarder : IDisposable
{
    private readonly IHttpForwarder _forwarder;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly FrozenDictionary<UpstreamTarget, UpstreamClient> _clients;

    public UpstreamForwarder(IHttpForwarder forwarder, UpstreamDirectory upstreams, TimeProvider clock, ILogger<UpstreamForwarder> logger)
    {
        _forwarder = forwarder;
        _clock = clock;
        _logger = logger;
        _clients = upstreams.All.ToFrozenDictionary(target => target, target => new UpstreamClient(target, upstreams.OptionsOf(target), clock));
    }

    /// <param name="exchange">Null: a request that the cache has nothing to do with; its body is the client's own stream and is sent once.</param>
    /// <param name="salt">The sender's, where there is no exchange to say it; null: not sent.</param>
    /// <returns>Null: the upstream's answer is on its way to the client, or the client is gone.</returns>
    public async Task<RequestError?> SendAsync(HttpContext context, UpstreamRoute route, ExchangeFeature? exchange, string? salt = null)
    {
        UpstreamTarget target = route.Destinations[0].Target;
        if (exchange is not null)
        {
            exchange.Served = target;
        }

        UpstreamClient client = _clients[target];
        ResilienceContext resilience = ResilienceContextPool.Shared.Get(context.RequestAborted);
        var call = new Call(this, context, client, exchange, exchange?.Salt ?? salt);
        try
        {
            ForwardAttempt attempt = exchange is null
                ? await TryAsync(call)
                : await client.Pipeline.ExecuteAsync(static (_, call) => call.Forwarder.TryAsync(call), resilience, call);
            return ToError(context, target, attempt);
        }
        catch (BrokenCircuitException)
        {
            return ForwarderErrors.Resting(target.Name);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(resilience);
        }
    }

    public void Dispose()
    {
        foreach (UpstreamClient client in _clients.Values)
        {
            client.Dispose();
        }
    }

    private async ValueTask<ForwardAttempt> TryAsync(Call call)
    {
        HttpContext context = call.Context;
        if (call.Exchange is { } exchange)
        {
            context.Request.Body = new MemoryStream(ToArraySegment(exchange.Body).Array!, ToArraySegment(exchange.Body).Offset, exchange.Body.Length, writable: false);
            // The try before may have left YARP's own 502 on it.
            context.Response.StatusCode = StatusCodes.Status200OK;
        }

        bool isLast = call.Exchange is null || call.Tries++ >= call.Client.Retries;
        var transformer = new UpstreamTransformer(call.Client.Target, call.Exchange, call.Salt, mayRetry: !isLast, _clock);
        ForwarderError error = await _forwarder.SendAsync(context, call.Client.Target.BaseUrl, call.Client.Invoker, call.Client.Config, transformer);
        if (error is not (ForwarderError.None or ForwarderError.RequestCanceled or ForwarderError.ResponseBodyCanceled))
        {
            Exception? cause = context.Features.Get<IForwarderErrorFeature>()?.Exception;
            Log.Failed(_logger, call.Client.Target.Name, error, cause?.InnerException?.Message ?? cause?.Message);
        }

        bool isUpstreams = transformer.WasTurnedAway || error is ForwarderError.Request or ForwarderError.RequestTimedOut;
        bool isTimeout = error == ForwarderError.RequestTimedOut;
        return new ForwardAttempt(error, isUpstreams && !isTimeout && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested);
    }

    private static RequestError? ToError(HttpContext context, UpstreamTarget target, ForwardAttempt attempt)
        => attempt.Error == ForwarderError.None || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested
            ? null
            : ForwarderErrors.ToRequestError(attempt.Error, target.Name);

    private static ArraySegment<byte> ToArraySegment(ReadOnlyMemory<byte> memory)
        => System.Runtime.InteropServices.MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> segment) ? segment : new ArraySegment<byte>(memory.ToArray());

    private sealed class Call(UpstreamForwarder forwarder, HttpContext context, UpstreamClient client, ExchangeFeature? exchange, string? salt)
    {
        public UpstreamForwarder Forwarder => forwarder;

        public HttpContext Context => context;

        public UpstreamClient Client => client;

        public ExchangeFeature? Exchange => exchange;

        public string? Salt => salt;

        public int Tries { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(801, LogLevel.Warning, "Forwarding to {Upstream} failed: {Error} ({Cause})", EventName = "ForwardFailed")]
        public static partial void Failed(ILogger logger, string upstream, ForwarderError error, string? cause);
    }
}
