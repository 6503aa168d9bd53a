using CacheProxy.Benchmarks.Eviction;

namespace CacheProxy.Tests.Stores.Memory;

/// <summary>The short form of the <c>eviction</c> benchmark, on traces that the policy's constants were not chosen on.</summary>
public class EvictionTests
{
    private const int Requests = 20_000;

    public static TheoryData<double, double, int, int, double> Cases { get; } = new()
    {
        { 0.85, 0.1, 2, 201, 0.05 },
        { 0.85, 0.1, 2, 201, 0.25 },
        { 1.0, 0, 0, 202, 0.05 },
        { 1.0, 0, 0, 202, 0.25 },
        { 1.1, 0.3, 10, 203, 0.05 },
        { 1.1, 0.3, 10, 203, 0.25 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Policy_SavesMoreOfTheCostThanTheOthers(double exponent, double scanShare, int shifts, int seed, double share)
    {
        CostTrace trace = SyntheticTraces.Create("held out", exponent, Requests / 10, Requests, scanShare, shifts, seed);
        long limit = (long)(trace.WorkingSetBytes * share);
        Dictionary<string, double> saved = EvictionReplay.Policies.ToDictionary(policy => policy.Name, policy => EvictionReplay.Run(trace, limit, policy.Create).CostSaved);

        Assert.All(["LRU", "LFU", "FIFO"], other => Assert.True(saved["ours"] > saved[other] * 1.005, $"{saved["ours"]:P1} against {other}'s {saved[other]:P1}"));
    }
}
