using System.Diagnostics.Metrics;
using System.Threading.Channels;
using CacheProxy.Inference.Engine;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.TestKit;
using CacheProxy.Inference.Tests.Tiers;
using CacheProxy.Inference.Tiers;

namespace CacheProxy.Inference.Tests.Engine;

/// <summary>What can go wrong around the model: each accepted request is still answered, and the others are not harmed.</summary>
public sealed class NoReplyLostTests
{
    private static readonly GenerationRequest Plain = new() { PromptTokens = [1, 2, 3], MaxTokens = 5, IgnoreEndOfSequence = true };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Submit_DeadlineAtTheEndOfTime_IsNoDeadline()
    {
        await using var engine = new InferenceEngine(new FakeModelRunner(), new ByteVocabulary());

        Reply reply = await Reply.Read(engine.Submit(Plain with { Deadline = DateTimeOffset.MaxValue }, Token));

        Assert.Equal(FinishReason.Length, reply.End.Reason);
        Assert.Equal(FinishReason.TimedOut, (await Reply.Read(engine.Submit(Plain with { Deadline = DateTimeOffset.MinValue }, Token))).End.Reason);
    }

    [Fact]
    public async Task Submit_ConstraintFailsToStart_KeepsNoPlaceInTheQueue()
    {
        await using var engine = new InferenceEngine(new FakeModelRunner(), new ByteVocabulary(), new SchedulingOptions { MaxWaiting = 1 });

        Assert.Throws<InvalidOperationException>(() => engine.Submit(Plain with { Constraint = new BadConstraint(failsToStart: true) }, Token));

        Assert.Equal(0, engine.Stats.Queued);
        Assert.Null((await Reply.Read(engine.Submit(Plain, Token))).End.Error);
    }

    [Fact]
    public async Task Run_ConstraintFails_EndsThatRequestAlone()
    {
        await using var engine = new InferenceEngine(new FakeModelRunner(), new ByteVocabulary());

        Task<Reply> good = Reply.Read(engine.Submit(Plain with { MaxTokens = 30 }, Token));
        Reply bad = await Reply.Read(engine.Submit(Plain with { Constraint = new BadConstraint() }, Token));

        Assert.Equal((FinishReason.Error, "The next token could not be chosen: broken"), (bad.End.Reason, bad.End.Error));
        Assert.Equal(30, (await good).End.Usage.CompletionTokens);
        Assert.Equal(EngineState.Running, engine.Stats.State);
    }

    [Fact]
    public async Task Run_MetricsListenerFails_AnswersTheOneItFailedAt()
    {
        using var metrics = new EngineMetrics(model: nameof(Run_MetricsListenerFails_AnswersTheOneItFailedAt));
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "gen_ai.server.request.duration")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            foreach (KeyValuePair<string, object?> tag in tags)
            {
                if (tag.Value is nameof(Run_MetricsListenerFails_AnswersTheOneItFailedAt))
                {
                    throw new InvalidOperationException("listener");
                }
            }
        });
        listener.Start();
        await using var engine = new InferenceEngine(new FakeModelRunner(), new ByteVocabulary(), metrics: metrics);

        Reply reply = await Reply.Read(engine.Submit(Plain, Token));

        Assert.Equal((FinishReason.Length, 5), (reply.End.Reason, reply.End.Usage.CompletionTokens));
    }

    [Fact]
    public async Task Accept_SchedulerFails_AnswersAndKeepsNothingOnDisk()
    {
        using var folder = new TemporaryFolder();
        var options = new KvCacheOptions { Tiers = new KvTierOptions { DiskBytes = 1 << 20, DiskPath = folder.Path } };
        await using (var engine = new InferenceEngine(new FailingRunner(), new ByteVocabulary(), cache: options))
        {
            Assert.Null((await Reply.Read(engine.Submit(Plain with { MaxTokens = 30 }, Token))).End.Error);
            Reply reply = await Reply.Read(engine.Submit(Plain with { MaxTokens = FailingRunner.BadLength - 3 }, Token));
            Assert.Equal((FinishReason.Error, "The engine has failed: broken"), (reply.End.Reason, reply.End.Error));
            SpinWait.SpinUntil(() => engine.Stats.State == EngineState.Unhealthy, TimeSpan.FromSeconds(10));
            Assert.Equal(RefusalReason.Unhealthy, Assert.Throws<RequestRefusedException>(() => engine.Submit(Plain, Token)).Reason);
        }

        await using var after = new InferenceEngine(new FailingRunner(), new ByteVocabulary(), cache: options);
        Assert.Equal(0, after.Stats.Counts.Tiers.DiskBlocks);
    }

    [Fact]
    public async Task Dispose_Twice_IsHarmlessAndNothingIsAcceptedAfterIt()
    {
        var engine = new InferenceEngine(new FakeModelRunner(), new ByteVocabulary(), new SchedulingOptions { DrainTimeout = TimeSpan.Zero });
        ChannelReader<GenerationEvent> open = engine.Submit(Plain with { MaxTokens = 100 }, Token);

        await engine.DisposeAsync();
        await engine.DisposeAsync();

        Assert.Contains((await Reply.Read(open)).End.Reason, (FinishReason[])[FinishReason.Cancelled, FinishReason.Length]);
        Assert.Equal(RefusalReason.Stopping, Assert.Throws<RequestRefusedException>(() => engine.Submit(Plain, Token)).Reason);
        await Assert.ThrowsAsync<RequestRefusedException>(() => engine.Cache.GetStatsAsync());
    }

    private sealed class BadConstraint(bool failsToStart = false) : ITokenConstraint, ITokenConstraintState
    {
        public ITokenConstraintState Start() => failsToStart ? throw new InvalidOperationException("broken") : this;

        public ReadOnlySpan<uint> Allowed() => throw new InvalidOperationException("broken");

        public void Advance(int token) => throw new InvalidOperationException("broken");
    }

    private sealed class FailingRunner : FakeModelRunner, IModelRunner
    {
        public const int BadLength = 123;

        int IModelRunner.KvVariant(int totalLength) => totalLength == BadLength ? throw new InvalidOperationException("broken") : 0;
    }
}
