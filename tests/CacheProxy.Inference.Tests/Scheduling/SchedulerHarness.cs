using System.Threading.Channels;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Prefix;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Speculation;
using CacheProxy.Inference.TestKit;
using CacheProxy.TestKit;

namespace CacheProxy.Inference.Tests.Scheduling;

/// <summary>A scheduler driven step by step on the test's own thread, with a clock that stands still; checks integrity after every step.</summary>
internal sealed class SchedulerHarness : IDisposable
{
    private readonly QueueGauge _queue;
    private readonly EngineMetrics _metrics = new();
    private long _number;

    private readonly SchedulingOptions _options;

    public SchedulerHarness(IModelRunner runner, SchedulingOptions? options = null, KvCacheOptions? cache = null)
    {
        _options = options ?? new SchedulingOptions();
        Runner = runner;
        _queue = new QueueGauge(int.MaxValue, int.MaxValue, Clock);
        Scheduler = new Scheduler(runner, new ByteVocabulary(), _options, _queue, Clock, _metrics, cache);
    }

    public IModelRunner Runner { get; }

    public Scheduler Scheduler { get; }

    public FakeTimeProvider Clock { get; } = new();

    public int Queued => _queue.Count;

    public Answer Add(int[] prompt, int maxTokens, string salt = "", CancellationTokenSource? cancel = null, bool ignoreEnd = true)
        => Add(new GenerationRequest { PromptTokens = prompt, MaxTokens = maxTokens, Salt = salt, IgnoreEndOfSequence = ignoreEnd }, cancel);

    public Answer Add(GenerationRequest request, CancellationTokenSource? cancel = null)
    {
        var events = new GenerationStream();
        int most = request.Speculate ?? _options.SpeculativeTokens;
        var sequence = new Sequence(
            ++_number, request, request.MaxTokens!.Value, 0, new GenerationOutput(events, request.Stop), Clock.GetTimestamp(), cancel?.Token ?? CancellationToken.None)
        {
            ExpiresAt = request.Deadline?.Ticks,
            Lookup = most > 0 ? new PromptLookup(most) : null,
        };
        Assert.Equal(QueueState.Open, _queue.TryEnter(request.Tenant));
        Scheduler.Add(sequence);
        return new Answer(sequence, events);
    }

    public void Step()
    {
        Scheduler.Step();
        Scheduler.Tree.CheckIntegrity();
    }

    public void RunToEnd(int maxSteps = 10_000)
    {
        for (int step = 0; Scheduler.HasWork; step++)
        {
            Assert.True(step < maxSteps, "the scheduler makes no progress");
            Step();
        }
    }

    public void Dispose()
    {
        Scheduler.Dispose();
        _metrics.Dispose();
    }

    /// <param name="Sequence">The scheduler's own view, for looking at its counters.</param>
    internal sealed record Answer(Sequence Sequence, ChannelReader<GenerationEvent> Events)
    {
        public int[] Tokens => Sequence.Tokens[Sequence.PromptLength..].ToArray();

        /// <summary>All events so far; there has to be exactly one terminal one, at the end.</summary>
        public GenerationEvent.Finished End()
        {
            GenerationEvent? last = null;
            while (Events.TryRead(out GenerationEvent? item))
            {
                Assert.False(last is GenerationEvent.Finished, "an event follows the terminal one");
                last = item;
            }

            Assert.True(Events.Completion.IsCompleted);
            return Assert.IsType<GenerationEvent.Finished>(last);
        }
    }
}
