using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.TestKit;

namespace CacheProxy.Inference.Tests.Scheduling;

public sealed class KvSaltTests
{
    [Fact]
    public void Of_AnySaltAndVariant_AreAllDifferent()
    {
        string[] salts = ["", "a", "\0", "0\0", "1\0", "1\0a", "0\0a", "0\01\0a", "1\01\0a"];

        IEnumerable<string> known = salts.SelectMany(salt => Enumerable.Range(0, 3).Select(variant => KvSalt.Of(salt, variant)));

        Assert.Equal(salts.Length * 3, known.Distinct().Count());
    }

    [Fact]
    public void Step_SaltThatLooksLikeAnothersVariant_SharesNothing()
    {
        using var harness = new SchedulerHarness(new FakeModelRunner { VariantLength = 40 });
        int[] prompt = SchedulerTests.Prompt(1, 30);
        harness.Add(prompt, 20, "a");
        harness.RunToEnd();

        SchedulerHarness.Answer other = harness.Add(prompt, 5, "1\0a");
        harness.RunToEnd();

        Assert.Equal(0, other.End().Usage.CachedTokens);
    }

    [Fact]
    public void Reset_OfASalt_ForgetsItsLongSequencesToo()
    {
        using var harness = new SchedulerHarness(new FakeModelRunner { VariantLength = 40 });
        harness.Add(SchedulerTests.Prompt(1, 30), 20, "a");
        harness.RunToEnd();

        Assert.True(harness.Scheduler.Cache.Reset("a") > 0);
        Assert.Equal(0, harness.Scheduler.Counts.BlocksCached);
    }
}
