using System.Net;
using CacheProxy.Exchange;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Yarp.ReverseProxy.Forwarder;

namespace CacheProxy.Forward;

/// <summary>The connections to one upstream, and how often it is asked: retries before the first byte, and none while it keeps failing.</summary>
internal sealed class UpstreamClient : IDisposable
{
    private const int BreakAfterCalls = 5;

    private readonly HttpMessageInvoker _invoker;

    public UpstreamClient(UpstreamTarget target, UpstreamOptions options, TimeProvider clock)
    {
        Target = target;
        Retries = options.Retries;
        Config = new ForwarderRequestConfig { ActivityTimeout = TimeSpan.FromSeconds(options.ActivityTimeoutSeconds) };
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = TimeSpan.FromSeconds(options.ConnectTimeoutSeconds),
            // Providers move behind their names; a pooled connection would stay with the old address.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        });
        Pipeline = Build(options, clock);
    }

    public UpstreamTarget Target { get; }

    public int Retries { get; }

    public ForwarderRequestConfig Config { get; }

    public HttpMessageInvoker Invoker => _invoker;

    /// <summary>Around each try; the result is whether it failed in a way that another try could mend.</summary>
    public ResiliencePipeline<ForwardAttempt> Pipeline { get; }

    public void Dispose() => _invoker.Dispose();

    private static ResiliencePipeline<ForwardAttempt> Build(UpstreamOptions options, TimeProvider clock)
    {
        var builder = new ResiliencePipelineBuilder<ForwardAttempt> { TimeProvider = clock };
        var isWorthAnother = new PredicateBuilder<ForwardAttempt>().HandleResult(attempt => attempt.CanBeRepeated);
        if (options.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<ForwardAttempt>
            {
                ShouldHandle = isWorthAnother,
                MaxRetryAttempts = options.Retries,
                Delay = TimeSpan.FromMilliseconds(options.RetryDelayMilliseconds),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
            });
        }

        if (options.BreakSeconds > 0)
        {
            builder.AddCircuitBreaker(new CircuitBreakerStrategyOptions<ForwardAttempt>
            {
                ShouldHandle = isWorthAnother,
                MinimumThroughput = BreakAfterCalls,
                FailureRatio = 0.9,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDuration = TimeSpan.FromSeconds(options.BreakSeconds),
            });
        }

        return builder.Build();
    }
}
