using System.Net;
using CacheProxy.Ledger.Prices;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Yarp.ReverseProxy.Forwarder;

namespace CacheProxy.Forward.Upstreams;

/// <summary>
/// The connections to one upstream, and how often it is asked: retries before the first byte, and none while it keeps failing. One that the settings no longer
/// name is not disposed: requests may hold it; its idle connections close after a minute, and then nothing keeps it.
/// </summary>
internal sealed class UpstreamClient : IDisposable
{
    private const int BreakAfterCalls = 5;

    private readonly ResiliencePipeline<ForwardAttempt>? _breaker;
    private int _hasToldAbsurdUsage;
    private readonly CircuitBreakerStateProvider _breakerState = new();
    private readonly CircuitBreakerManualControl _breakerControl = new();

    public UpstreamClient(UpstreamTuning tuning, TimeProvider clock)
    {
        Tuning = tuning;
        Health = new UpstreamHealth(tuning, clock);
        Machine = new MachineTime(clock);
        // YARP has one time-out for both phases; the shorter of the two is kept by the invoker or by TimedStream.
        TimeSpan longest = tuning.FirstByteTimeout > tuning.ActivityTimeout ? tuning.FirstByteTimeout : tuning.ActivityTimeout;
        Config = new ForwarderRequestConfig { ActivityTimeout = longest };
        Handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = tuning.ConnectTimeout,
            // Providers move behind their names; a pooled connection would stay with the old address.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            // The trace's context is written with the other headers: the handler would put a span of its own between, which nobody exports.
            ActivityHeadersPropagator = null,
        };
        Invoker = tuning.FirstByteTimeout < longest ? new FirstByteInvoker(Handler, tuning.FirstByteTimeout, clock) : new HttpMessageInvoker(Handler);
        _breaker = BuildBreaker(clock);
        Pipeline = Build(clock);
    }

    public UpstreamTuning Tuning { get; }

    public UpstreamHealth Health { get; }

    /// <summary>Whose the seconds of the upstream's machine are.</summary>
    public MachineTime Machine { get; }

    /// <summary>An answer has told what came out of the prefix cache; from then on one that does not, means nothing did.</summary>
    public bool TellsCachedTokens { get; set; }

    public ForwarderRequestConfig Config { get; }

    public SocketsHttpHandler Handler { get; }

    public HttpMessageInvoker Invoker { get; }

    /// <summary>Around one request's tries, but for a trial's, which goes past the open breaker.</summary>
    public ResiliencePipeline<ForwardAttempt> Pipeline { get; }

    /// <summary>
    /// Nothing stands between a request and its first try: it may be made outside of <see cref="Pipeline"/>, whose layers cost more than the rest of the way to an
    /// upstream that works, and be told by <see cref="Count"/> or be the first try of the pipeline.
    /// </summary>
    public bool LetsThrough => _breaker is null || _breakerState.CircuitState == CircuitState.Closed;

    /// <summary>Tells the breaker of a try that neither failed nor wants another, so that it knows of how many calls its failures are a part.</summary>
    public void Count(ForwardAttempt attempt)
    {
        // One that ends after the circuit opened says nothing of what comes after the rest, and must not be taken for the one call that finds out.
        if (_breaker is not null && _breakerState.CircuitState == CircuitState.Closed)
        {
            _breaker.Execute(static attempt => attempt, attempt);
        }
    }

    /// <summary>A trial was answered: everybody may ask again.</summary>
    public async ValueTask RecoverAsync()
    {
        await _breakerControl.CloseAsync();
        Health.Recovered();
    }

    /// <summary>True once.</summary>
    public bool IsFirstAbsurdUsage() => Interlocked.Exchange(ref _hasToldAbsurdUsage, 1) == 0;

    public void Dispose() => Invoker.Dispose();

    private ResiliencePipeline<ForwardAttempt> Build(TimeProvider clock)
    {
        var builder = new ResiliencePipelineBuilder<ForwardAttempt> { TimeProvider = clock };
        if (_breaker is not null)
        {
            // Outside the retries: one client's request is one call to the breaker, however often it is tried.
            builder.AddPipeline(_breaker);
        }

        if (Tuning.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<ForwardAttempt>
            {
                ShouldHandle = new PredicateBuilder<ForwardAttempt>().HandleResult(attempt => attempt.CanBeRepeated),
                MaxRetryAttempts = Tuning.Retries,
                Delay = Tuning.RetryDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                DelayGenerator = static args => ValueTask.FromResult(args.Outcome.Result.RetryAfter),
            });
        }

        return builder.Build();
    }

    private ResiliencePipeline<ForwardAttempt>? BuildBreaker(TimeProvider clock)
    {
        if (Tuning.BreakDuration <= TimeSpan.Zero)
        {
            return null;
        }

        var builder = new ResiliencePipelineBuilder<ForwardAttempt> { TimeProvider = clock };
        return builder.AddCircuitBreaker(new CircuitBreakerStrategyOptions<ForwardAttempt>
        {
            ShouldHandle = new PredicateBuilder<ForwardAttempt>().HandleResult(attempt => attempt.IsFailure),
            MinimumThroughput = BreakAfterCalls,
            FailureRatio = Tuning.BreakFailureRatio,
            SamplingDuration = TimeSpan.FromSeconds(10),
            BreakDuration = Tuning.BreakDuration,
            StateProvider = _breakerState,
            ManualControl = _breakerControl,
            OnOpened = _ =>
            {
                Health.Opened();
                return default;
            },
        }).Build();
    }
}
