using System.Security.Cryptography;
using System.Threading.Channels;
using CacheProxy.Inference.Constraints;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Speculation;
using CacheProxy.Inference.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Inference.Engine;

/// <summary>
/// The engine's public face: takes requests from any thread, runs them on one thread of its own, answers through channels.
/// Owns the runner. An accepted request always ends in exactly one <see cref="GenerationEvent.Finished"/>.
/// </summary>
public sealed class InferenceEngine : IAsyncDisposable
{
    private const int WarmUpPromptTokens = 24;
    private const int WarmUpTokens = 8;

    private readonly IModelRunner _runner;
    private readonly ITokenVocabulary _vocabulary;
    private readonly SchedulingOptions _options;
    private readonly TimeProvider _time;
    private readonly QueueGauge _queue;
    private readonly Channel<IEngineWork> _inbox = Channel.CreateUnbounded<IEngineWork>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _abort = new();
    private readonly EngineLoop _loop;
    private readonly EngineMetrics? _ownMetrics;
    private long _lastNumber;
    private int _isDisposed;

    /// <param name="runner">Becomes the engine's; only its thread calls it from now on.</param>
    /// <param name="metrics">The caller's to dispose; null: a meter of the engine's own.</param>
    public InferenceEngine(
        IModelRunner runner,
        ITokenVocabulary vocabulary,
        SchedulingOptions? options = null,
        TimeProvider? time = null,
        EngineMetrics? metrics = null,
        ILogger<InferenceEngine>? logger = null,
        KvCacheOptions? cache = null)
    {
        _runner = runner;
        _vocabulary = vocabulary;
        Constraints = new ConstraintFactory(vocabulary);
        _options = options ?? new SchedulingOptions();
        _options.Validate();
        cache?.Validate();
        _time = time ?? TimeProvider.System;
        _queue = new QueueGauge(_options.MaxWaiting, _options.MaxWaitingPerTenant, _time);
        _ownMetrics = metrics is null ? new EngineMetrics() : null;
        EngineMetrics measured = metrics ?? _ownMetrics!;
        var scheduler = new Scheduler(runner, vocabulary, _options, _queue, _time, measured, cache, logger);
        _loop = new EngineLoop(
            scheduler, _inbox.Reader, _options.MaxFailuresInARow, runner, logger ?? NullLogger<InferenceEngine>.Instance, _abort.Token);
        Cache = new EngineCache(this, vocabulary);
        measured.Observe(() => _loop.Counts, () => _queue.Count);
    }

    /// <summary>The longest prompt plus answer, in tokens: the model's context or the whole KV pool, whichever is smaller.</summary>
    public int MaxSequenceTokens => (int)Math.Min(_runner.ContextLength, (long)_runner.BlockCount * _runner.BlockSize);

    /// <summary>Whether it is the KV pool that limits <see cref="MaxSequenceTokens"/>, not the model.</summary>
    public bool IsLimitedByPool => !_runner.ForgetsContext && MaxSequenceTokens < _runner.ContextLength;

    /// <summary>The prefix cache, for its operator.</summary>
    public EngineCache Cache { get; }

    /// <summary>The most requests of one tenant that can wait at once.</summary>
    public int MaxWaiting => Math.Min(_options.MaxWaiting, _options.MaxWaitingPerTenant);

    public EngineStats Stats => new(_loop.State, _loop.Counts, _queue.Count, _loop.Failure);

    /// <summary>The model's tokens.</summary>
    public ITokenVocabulary Vocabulary => _vocabulary;

    /// <summary>Makes constraints for requests to this engine.</summary>
    public ConstraintFactory Constraints { get; }

    /// <summary>Hands a request to the engine. Never waits.</summary>
    /// <param name="cancellation">Ends the generation at the next step with <see cref="FinishReason.Cancelled"/>.</param>
    /// <returns>The events, in order; the channel is completed after the terminal one. Not reading it holds up nobody.</returns>
    /// <exception cref="RequestRefusedException">The request was not accepted; no events follow.</exception>
    public ChannelReader<GenerationEvent> Submit(GenerationRequest request, CancellationToken cancellation = default)
    {
        int maxTokens = RequestCheck.Check(request, _vocabulary, _runner.ContextLength, _runner.BlockCount * (long)_runner.BlockSize, _runner.ForgetsContext, ContextSlide.Slides(_runner));
        ThrowUnlessRunning();
        var events = new GenerationStream();
        long seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
        var sequence = new Sequence(
            Interlocked.Increment(ref _lastNumber), request, maxTokens, seed,
            new GenerationOutput(events, request.Stop), _time.GetTimestamp(), cancellation)
        {
            ExpiresAt = TimestampOf(request.Deadline),
            Trace = RequestTrace.Start(),
            Lookup = (request.Speculate ?? _options.SpeculativeTokens) is > 0 and var most ? new PromptLookup(most) : null,
        };
        // Last of all: nothing may fail between this and the hand-over, or the place in the queue would be lost.
        EnterQueue(request.Tenant);
        if (!_inbox.Writer.TryWrite(sequence))
        {
            _queue.Cancel(request.Tenant);
            ThrowUnlessRunning();
            throw new RequestRefusedException(RefusalReason.Stopping, "The engine is shutting down.");
        }

        return events;
    }

    /// <summary>Asks the engine's cache something, between two steps on the engine's own thread: nothing else sees a consistent tree.</summary>
    /// <param name="ask">Has to be quick: every answer under way waits for it. What it throws, the caller gets.</param>
    /// <exception cref="RequestRefusedException">The engine is stopping or has failed.</exception>
    internal Task<T> QueryCacheAsync<T>(Func<KvCache, T> ask)
    {
        ThrowUnlessRunning();
        var query = new CacheQuery<T>(ask);
        if (!_inbox.Writer.TryWrite(query))
        {
            ThrowUnlessRunning();
            throw new RequestRefusedException(RefusalReason.Stopping, "The engine is shutting down.");
        }

        return query.Answer;
    }

    /// <summary>Runs a few tokens through the model, so that the first request finds compiled code and touched weights.</summary>
    /// <exception cref="InvalidOperationException">The model fails; the message says how.</exception>
    public async Task WarmUpAsync(CancellationToken cancellation = default)
    {
        var request = new GenerationRequest
        {
            PromptTokens = [.. Enumerable.Range(0, Math.Min(WarmUpPromptTokens, MaxSequenceTokens - WarmUpTokens)).Select(i => i % _vocabulary.Count)],
            MaxTokens = WarmUpTokens,
            IgnoreEndOfSequence = true,
            // A pool of its own: what is computed here is of no use to any client.
            Salt = "cacheproxy warm-up",
        };
        await foreach (GenerationEvent item in Submit(request, cancellation).ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            if (item is GenerationEvent.Finished { Reason: FinishReason.Error } failed)
            {
                throw new InvalidOperationException($"The model cannot be run: {failed.Error}");
            }
        }
    }

    /// <summary>Refuses new requests and waits until those accepted have ended.</summary>
    /// <param name="abort">When cancelled, the rest ends with <see cref="FinishReason.Cancelled"/> at the next step.</param>
    public async Task StopAsync(CancellationToken abort = default)
    {
        _loop.BeginStop();
        _inbox.Writer.TryComplete();
        using CancellationTokenRegistration registration = abort.Register(_abort.Cancel);
        await _loop.Completion.ConfigureAwait(false);
    }

    /// <summary>Stops, giving answers under way <see cref="SchedulingOptions.DrainTimeout"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            await _loop.Completion.ConfigureAwait(false);
            return;
        }

        using var timeout = new CancellationTokenSource(_options.DrainTimeout, _time);
        await StopAsync(timeout.Token).ConfigureAwait(false);
        _abort.Dispose();
        _ownMetrics?.Dispose();
    }

    private void EnterQueue(string tenant)
    {
        string? full = _queue.TryEnter(tenant) switch
        {
            QueueState.Full => $"The engine is busy: {_options.MaxWaiting} requests are waiting already.",
            QueueState.TenantFull => $"Too many requests at once: {_options.MaxWaitingPerTenant} of this tenant are waiting already.",
            _ => null,
        };
        if (full is not null)
        {
            throw new RequestRefusedException(RefusalReason.QueueFull, full) { RetryAfter = _queue.RetryAfter() };
        }
    }

    /// <summary>A deadline by the wall clock as a timestamp, which no correction of the clock moves.</summary>
    /// <returns>Null: never, or beyond what timestamps can say.</returns>
    private long? TimestampOf(DateTimeOffset? deadline)
    {
        double? end = _time.GetTimestamp() + ((deadline - _time.GetUtcNow())?.TotalSeconds * _time.TimestampFrequency);
        return end < long.MaxValue ? (long)end : null;
    }

    private void ThrowUnlessRunning()
    {
        switch (_loop.State)
        {
            case EngineState.Unhealthy:
                throw new RequestRefusedException(RefusalReason.Unhealthy, $"The engine has failed: {_loop.Failure}");
            case EngineState.Stopping or EngineState.Stopped:
                throw new RequestRefusedException(RefusalReason.Stopping, "The engine is shutting down.");
        }
    }
}
