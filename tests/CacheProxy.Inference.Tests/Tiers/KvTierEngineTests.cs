using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.TestKit;
using CacheProxy.Inference.Tests.Scheduling;
using CacheProxy.Inference.Tiers;
using Microsoft.Win32.SafeHandles;

namespace CacheProxy.Inference.Tests.Tiers;

/// <summary>The tiers behind a scheduler: answers with blocks that went away and came back are those of a model without a cache.</summary>
public sealed class KvTierEngineTests : IDisposable
{
    private const int BlockSize = 4;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1 << 20, 0)]
    [InlineData(0, 1 << 20)]
    [InlineData(200, 1 << 20)]
    public void Evicted_AskedForAgain_ComesFromTheTier(long ram, long disk)
    {
        using var engine = Start(poolBlocks: 16, ram, disk);
        int[] first = Prompt(1, 40);
        int[] truth = Ask(engine, first).Tokens;
        Evict(engine);

        (int[] tokens, int cached) = Ask(engine, first);

        Assert.Equal(truth, tokens);
        Assert.Equal(36, cached);
        TierCounts counts = engine.Scheduler.Counts.Tiers;
        Assert.True(counts.RamHitTokens + counts.DiskHitTokens > 0);
        Assert.True((counts.RamHitTokens > 0) == (ram > 0) || disk > 0, "the tier that is there serves");
    }

    [Fact]
    public void Restart_SameModel_FindsWhatThePoolHeld()
    {
        int[] prompt = Prompt(1, 43);
        int[] truth;
        using (var before = Start(poolBlocks: 32, 0, 1 << 20))
        {
            truth = Ask(before, prompt).Tokens;
        }

        using var after = Start(poolBlocks: 32, 0, 1 << 20);
        (int[] tokens, int cached) = Ask(after, prompt);

        Assert.Equal(40, cached);
        Assert.Equal(truth, tokens);
        Assert.Equal(40, after.Scheduler.Counts.Tiers.DiskHitTokens);
    }

    [Fact]
    public void Restart_OtherSalt_FindsNothing()
    {
        int[] prompt = Prompt(1, 43);
        using (var before = Start(poolBlocks: 32, 1 << 10, 1 << 20))
        {
            Ask(before, prompt, salt: "one");
        }

        using var after = Start(poolBlocks: 32, 1 << 10, 1 << 20);

        Assert.Equal(0, Ask(after, prompt, salt: "other").Cached);
        Assert.Equal(40, Ask(after, prompt, salt: "one").Cached);
    }

    [Fact]
    public void Restart_DamagedBlock_IsAMissWithTheSameAnswer()
    {
        int[] prompt = Prompt(1, 43);
        int[] truth;
        using (var before = Start(poolBlocks: 32, 0, 1 << 20))
        {
            truth = Ask(before, prompt).Tokens;
        }

        byte[] blocks = File.ReadAllBytes(_folder.Blocks);
        for (int at = 0; at < blocks.Length; at += 4096)
        {
            blocks[at] ^= 1;
        }

        File.WriteAllBytes(_folder.Blocks, blocks);
        using var after = Start(poolBlocks: 32, 0, 1 << 20);
        (int[] tokens, int cached) = Ask(after, prompt);

        Assert.Equal((0, 1L), (cached, after.Scheduler.Counts.Tiers.DamagedBlocks));
        Assert.Equal(truth, tokens);
    }

    [Fact]
    public void Reset_OfASalt_ForgetsItInEveryTierAndAfterARestart()
    {
        int[] prompt = Prompt(1, 40);
        using (var before = Start(poolBlocks: 16, 200, 1 << 20))
        {
            Ask(before, prompt, salt: "a");
            Ask(before, prompt, salt: "b");
            Evict(before);
            Assert.True(before.Scheduler.Cache.Reset("a") > 0);
            Assert.Equal(0, Ask(before, prompt, salt: "a").Cached);
            before.Scheduler.Cache.Reset("a");
            Assert.True(Ask(before, prompt, salt: "b").Cached > 0);
        }

        using var after = Start(poolBlocks: 16, 200, 1 << 20);
        Assert.Equal(0, Ask(after, prompt, salt: "a").Cached);
        Assert.True(Ask(after, prompt, salt: "b").Cached > 0);
    }

    [Fact]
    public void Start_FolderThatCannotBeMade_ServesWithoutTheDisk()
    {
        string file = Path.Combine(_folder.Path, "in the way");
        File.WriteAllText(file, "");

        using var engine = Start(poolBlocks: 16, 0, 1 << 20, Path.Combine(file, "kv"));

        Assert.Equal(0, Ask(engine, Prompt(1, 10)).Cached);
        Assert.Equal(9, Ask(engine, Prompt(1, 10)).Cached);
        Assert.Equal(0, engine.Scheduler.Counts.Tiers.DiskBlocks);
    }

    [Fact]
    public void Load_ComputingIsFasterByTheMeasuredRates_IsDeclinedUntilTheyAreForgotten()
    {
        using var engine = Start(poolBlocks: 16, 1 << 20, 0);
        int[] prompt = Prompt(1, 40);
        int[] truth = Ask(engine, prompt).Tokens;
        Evict(engine);
        Ask(engine, prompt);
        Evict(engine);
        engine.Scheduler.Cache.ObservePrefill(int.MaxValue, TimeSpan.FromTicks(1));

        Assert.Equal(truth, Ask(engine, prompt).Tokens);

        Assert.Equal(1, engine.Scheduler.Counts.Tiers.DeclinedLoads);
        Evict(engine);
        long declined = engine.Scheduler.Counts.Tiers.DeclinedLoads;
        engine.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal((36, declined), (Ask(engine, prompt).Cached, engine.Scheduler.Counts.Tiers.DeclinedLoads));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(15)]
    public void DiskFull_InTheMiddleOfAWrite_AnswersGoOnAndWhatWasWrittenIsServed(int writes)
    {
        int[] prompt = Prompt(1, 40);
        int[] truth;
        int left = writes;
        void WriteAt(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
        {
            bool isFull = Interlocked.Decrement(ref left) < 0;
            RandomAccess.Write(file, isFull ? bytes[..(bytes.Length / 2)] : bytes, offset);
            if (isFull)
            {
                throw new IOException("No space left on device.");
            }
        }

        using (var engine = Start(poolBlocks: 16, 0, 1 << 20, writeAt: WriteAt))
        {
            truth = Ask(engine, prompt).Tokens;
            Evict(engine);
            SpinWait.SpinUntil(() => engine.Scheduler.Cache.Tiers!.Disk!.IsIdle, TimeSpan.FromSeconds(10));
            Assert.Equal(truth, Ask(engine, prompt).Tokens);
            Evict(engine);
            Assert.True(engine.Scheduler.Cache.Tiers!.Disk!.IsReadOnly);
            engine.Scheduler.Cache.Tiers.CheckIntegrity();
        }

        using var after = Start(poolBlocks: 32, 0, 1 << 20);
        (int[] tokens, _) = Ask(after, prompt);

        Assert.Equal(truth, tokens);
        Assert.Equal(writes / 2, after.Scheduler.Cache.Tiers!.Entries.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Scheduler_RandomTrafficOverSmallTiers_AnswersAsWithoutACache(int seed)
    {
        var random = new Random(seed);
        long found = 0;
        for (int life = 0; life < 3; life++)
        {
            using var engine = Start(poolBlocks: 20, ram: 10 * 8 * BlockSize, disk: 12 * 4300);
            for (int round = 0; round < 40; round++)
            {
                var answers = Enumerable.Range(0, random.Next(1, 4)).Select(_ =>
                {
                    int[] prompt = [.. Prompt(random.Next(5), random.Next(1, 30)), .. Prompt(random.Next(100, 103), random.Next(0, 12))];
                    string salt = random.Next(4) == 0 ? "b" : "";
                    return (prompt, Answer: engine.Add(prompt, random.Next(1, 6), salt));
                }).ToList();
                engine.RunToEnd(100_000);
                Assert.All(answers, item => Assert.Equal(
                    FakeModelRunner.GreedyAnswer(item.prompt, item.Answer.Tokens.Length, end: null), item.Answer.Tokens));
                engine.Scheduler.Cache.Tiers!.CheckIntegrity();
                if (random.Next(12) == 0)
                {
                    engine.Scheduler.Cache.Reset(random.Next(2) == 0 ? null : "b");
                }
            }

            TierCounts counts = engine.Scheduler.Counts.Tiers;
            found += counts.RamHitTokens + counts.DiskHitTokens;
            Assert.Equal(0, counts.DamagedBlocks);
        }

        Assert.True(found > 200, $"only {found} tokens ever came from a tier");
    }

    private SchedulerHarness Start(int poolBlocks, long ram, long disk, string? folder = null, BlockWrite? writeAt = null) => new(
        new FakeModelRunner(poolBlocks, BlockSize),
        cache: new KvCacheOptions { Tiers = new KvTierOptions { RamBytes = ram, DiskBytes = disk, DiskPath = folder ?? _folder.Path, WriteAt = writeAt } });

    private static (int[] Tokens, int Cached) Ask(SchedulerHarness engine, int[] prompt, string salt = "")
    {
        SchedulerHarness.Answer answer = engine.Add(prompt, 3, salt);
        engine.RunToEnd(100_000);
        return (answer.Tokens, answer.End().Usage.CachedTokens);
    }

    private static void Evict(SchedulerHarness engine)
    {
        for (int other = 50; other < 56; other++)
        {
            Ask(engine, Prompt(other, 44));
        }
    }

    private static int[] Prompt(int seed, int tokens)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, tokens).Select(_ => random.Next(250))];
    }
}
