using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace CacheProxy.Stores.Resilience;

/// <summary>
/// The one way to call a store, an index or a model on behalf of a request: within a time budget, behind a circuit
/// breaker. It returns at the end of the budget even when the call ignores its cancellation; a failure is a value, never
/// an exception. One instance per dependency: its calls share the breaker and the log line.
/// </summary>
/// <remarks>The call itself must not block its caller before its first await; wrap what computes in <see cref="Task.Run(Action)"/>.</remarks>
public sealed class ResilientCall
{
    private readonly ResiliencePipeline _hasty;
    private readonly ResiliencePipeline _patient;
    private readonly CallHealth _health;
    private readonly CircuitBreakerStateProvider _breaker = new();
    private readonly TimeProvider _time;

    /// <param name="name">For logs and metrics: <c>redis</c>, <c>sqlite</c>, <c>qdrant</c>, <c>embedder</c>.</param>
    public ResilientCall(string name, ResilienceOptions options, TimeProvider time, ILogger<ResilientCall> logger)
    {
        _health = new CallHealth(name, logger);
        _time = time;
        ResiliencePipeline breaker = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = options.FailureRatio,
                MinimumThroughput = options.MinimumCalls,
                SamplingDuration = options.SamplingDuration,
                BreakDuration = options.BreakDuration,
                StateProvider = _breaker,
                ShouldHandle = static args => ValueTask.FromResult(IsFault(args.Outcome.Exception, args.Context.CancellationToken)),
                OnOpened = args =>
                {
                    _health.OnOpened(args.Outcome.Exception);
                    return default;
                },
            })
            .Build();
        _hasty = WithBudget(options.Budget);
        _patient = WithBudget(options.PatientBudget);

        // The breaker is the outer one, so that it sees time-outs as failures; both budgets share it.
        ResiliencePipeline WithBudget(TimeSpan budget)
            => new ResiliencePipelineBuilder { TimeProvider = time }.AddPipeline(breaker).AddTimeout(budget).Build();
    }

    public string Name => _health.Name;

    /// <summary>False from the time that failures were logged until a call succeeds again.</summary>
    public bool IsHealthy => _health.IsHealthy;

    /// <summary>It is not called at the moment.</summary>
    public bool IsOpen => _breaker.CircuitState is CircuitState.Open or CircuitState.Isolated;

    public CallCounts Counts => _health.Counts;

    public CallReport Report()
    {
        double[]? times = _health.Times.Quantiles(0.5, 0.99);
        string breaker = _breaker.CircuitState switch
        {
            CircuitState.Open => "open",
            CircuitState.HalfOpen => "half_open",
            CircuitState.Isolated => "isolated",
            _ => "closed",
        };
        return new CallReport(Name, IsHealthy, breaker, Counts, times?[0], times?[1], _health.LastFault);
    }

    /// <summary>Calls within the request's budget.</summary>
    /// <exception cref="OperationCanceledException">Only when <paramref name="cancellationToken"/> asked for it.</exception>
    public ValueTask<CallResult<T>> TryAsync<TState, T>(
        TState state, Func<TState, CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken)
        => RunAsync(_hasty, state, call, cancellationToken);

    /// <summary>Calls within the longer budget: for what no request waits for.</summary>
    /// <exception cref="OperationCanceledException">Only when <paramref name="cancellationToken"/> asked for it.</exception>
    public ValueTask<CallResult<T>> TryPatientlyAsync<TState, T>(
        TState state, Func<TState, CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken)
        => RunAsync(_patient, state, call, cancellationToken);

    private async ValueTask<CallResult<T>> RunAsync<TState, T>(
        ResiliencePipeline pipeline, TState state, Func<TState, CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ResilienceContext context = ResilienceContextPool.Shared.Get(cancellationToken);
        long started = _time.GetTimestamp();
        try
        {
            Outcome<T> outcome = await pipeline.ExecuteOutcomeAsync(
                static (inner, work) => CallAsync(work.State, work.Call, inner.CancellationToken), context, (State: state, Call: call));
            CallResult<T> result = Judge(outcome, cancellationToken);
            if (result.Outcome != CallOutcome.Rejected)
            {
                _health.Times.Add(_time.GetElapsedTime(started));
            }

            return result;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private static async ValueTask<Outcome<T>> CallAsync<TState, T>(
        TState state, Func<TState, CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken)
    {
        Task<T>? task = null;
        try
        {
            ValueTask<T> pending = call(state, cancellationToken);
            if (pending.IsCompletedSuccessfully)
            {
                return Outcome.FromResult(pending.Result);
            }

            task = pending.AsTask();
            return Outcome.FromResult(await task.WaitAsync(cancellationToken));
        }
        catch (Exception exception)
        {
            Abandon(task);
            return Outcome.FromException<T>(exception);
        }
    }

    // Reads the error that a call left behind may still end with, so that nothing reports it as unobserved.
    private static void Abandon(Task? task)
        => task?.ContinueWith(
            static done => _ = done.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);

    private CallResult<T> Judge<T>(Outcome<T> outcome, CancellationToken cancellationToken)
    {
        if (outcome.Exception is not { } error)
        {
            _health.OnSuccess();
            return new CallResult<T>(CallOutcome.Succeeded, outcome.Result, null);
        }

        if (!IsFault(error, cancellationToken))
        {
            throw new OperationCanceledException("The caller went away.", error, cancellationToken);
        }

        CallOutcome kind = error switch
        {
            BrokenCircuitException => CallOutcome.Rejected,
            TimeoutRejectedException => CallOutcome.TimedOut,
            _ => CallOutcome.Failed,
        };
        _health.OnFault(kind, error);
        return new CallResult<T>(kind, default, error);
    }

    private static bool IsFault(Exception? exception, CancellationToken cancellationToken)
        => exception is not null && !(exception is OperationCanceledException && cancellationToken.IsCancellationRequested);
}
