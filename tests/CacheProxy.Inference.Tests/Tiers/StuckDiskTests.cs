using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.TestKit;
using CacheProxy.Inference.Tests.Scheduling;
using CacheProxy.Inference.Tiers;

namespace CacheProxy.Inference.Tests.Tiers;

/// <summary>A disk that does not come back: the engine goes on without it.</summary>
public sealed class StuckDiskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualResetEventSlim _isBack = new();

    public void Dispose()
    {
        _isBack.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Load_DiskHangs_IsGivenUpAndComputed()
    {
        using var engine = new SchedulerHarness(
            new FakeModelRunner(16), cache: new KvCacheOptions { Tiers = new KvTierOptions { DiskBytes = 1 << 20, DiskPath = _folder.Path } });
        int[] prompt = SchedulerTests.Prompt(1, 40);
        int[] truth = Ask(engine, prompt);
        for (int other = 50; other < 56; other++)
        {
            Ask(engine, SchedulerTests.Prompt(other, 44));
        }

        KvTiers tiers = engine.Scheduler.Cache.Tiers!;
        while (!tiers.Disk!.IsIdle)
        {
            tiers.WaitForDisk(TimeSpan.FromMilliseconds(5));
        }

        tiers.Drain();
        Hang(tiers.Disk.Thread);
        SchedulerHarness.Answer answer = engine.Add(prompt, 3);
        for (int step = 0; step < 5; step++)
        {
            engine.Step();
        }

        Assert.NotNull(answer.Sequence.Load);
        engine.Clock.Advance(TimeSpan.FromSeconds(6));
        engine.RunToEnd(100);

        Assert.Equal(truth, answer.Tokens);
        Assert.Equal(0, engine.Scheduler.Counts.Tiers.DiskHitTokens);
        _isBack.Set();
    }

    [Fact]
    public void Dispose_DiskHangs_ReturnsAfterTheLimit()
    {
        var thread = new DiskThread(DiskFiles.Open(_folder.Path, "model", 64, 4), TimeSpan.FromMilliseconds(50));
        Hang(thread);
        thread.Write(new DiskClear(0));

        thread.Dispose();

        Assert.Equal(2, thread.UnfinishedWrites);
        _isBack.Set();
        SpinWait.SpinUntil(() => thread.UnfinishedWrites == 1, TimeSpan.FromSeconds(10));
        Assert.Equal(1, thread.UnfinishedWrites);
    }

    private static int[] Ask(SchedulerHarness engine, int[] prompt)
    {
        SchedulerHarness.Answer answer = engine.Add(prompt, 3);
        engine.RunToEnd(100_000);
        return answer.Tokens;
    }

    private void Hang(DiskThread thread)
    {
        using var hangs = new ManualResetEventSlim();
        thread.Write(new HangingJob(hangs, _isBack));
        Assert.True(hangs.Wait(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }

    private sealed class HangingJob(ManualResetEventSlim hangs, ManualResetEventSlim end) : DiskJob
    {
        public override void Run(DiskFiles files)
        {
            hangs.Set();
            end.Wait();
        }
    }
}
