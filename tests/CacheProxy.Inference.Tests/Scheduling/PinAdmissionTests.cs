using CacheProxy.Inference.Prefix;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.TestKit;

namespace CacheProxy.Inference.Tests.Scheduling;

/// <summary>Pins and requests that need the room they hold.</summary>
public sealed class PinAdmissionTests
{
    private static readonly int[] Pinned = [.. Enumerable.Range(1, 24)];

    [Fact]
    public void Admission_NothingRunsAndPinsTakeTheRoom_ThePinYields()
    {
        using SchedulerHarness engine = Start();
        int[] large = [.. Enumerable.Range(50, 40)];

        SchedulerHarness.Answer answer = engine.Add(large, 4);
        engine.RunToEnd();

        Assert.Equal(FakeModelRunner.GreedyAnswer(large, 4, end: null), answer.Tokens);
        Assert.Equal((0, 0), (engine.Scheduler.Cache.Pins.Count, engine.Scheduler.Tree.PinnedCount));
    }

    [Fact]
    public void Admission_RequestFitsBesideThePin_ThePinStays()
    {
        using SchedulerHarness engine = Start();

        engine.Add([.. Enumerable.Range(50, 20)], 4);
        engine.Add([.. Enumerable.Range(90, 20)], 4);
        engine.RunToEnd();

        Assert.Equal(6, engine.Scheduler.Tree.PinnedCount);
        SchedulerHarness.Answer again = engine.Add([.. Pinned, 7], 1);
        engine.RunToEnd();
        Assert.Equal(24, again.End().Usage.CachedTokens);
    }

    [Fact]
    public void Admission_OthersRun_WaitsForThemAndLeavesThePin()
    {
        using SchedulerHarness engine = Start();
        engine.Add([.. Enumerable.Range(50, 12)], 8);
        SchedulerHarness.Answer second = engine.Add([.. Enumerable.Range(90, 16)], 4);

        engine.Step();

        Assert.Equal((1, 1), (engine.Scheduler.Counts.Running, engine.Scheduler.Counts.Waiting));
        engine.RunToEnd();
        Assert.Equal(4, second.Tokens.Length);
        Assert.Equal(6, engine.Scheduler.Tree.PinnedCount);
    }

    /// <summary>A pool of 12 blocks of 4, of which a pin holds 6.</summary>
    private static SchedulerHarness Start()
    {
        var engine = new SchedulerHarness(new FakeModelRunner(blockCount: 12, blockSize: 4), cache: new KvCacheOptions { MaxPinnedShare = 0.5 });
        engine.Add(Pinned, 1);
        engine.RunToEnd();
        Assert.Equal(PinOutcome.Pinned, engine.Scheduler.Cache.Pins.TryPin("", Pinned, TimeSpan.FromHours(1), out int tokens));
        Assert.Equal(24, tokens);
        return engine;
    }
}
