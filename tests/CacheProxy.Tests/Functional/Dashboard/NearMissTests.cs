using System.Text.Json;
using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.Tests.Stores;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Functional.Dashboard;

/// <summary>Misses that a stored question was near to.</summary>
public class NearMissTests
{
    [Fact]
    public async Task NearMisses_AreTheNearest_EachPairOnce()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        Add(proxy, "a", "near-a", 0.91f);
        Add(proxy, "a", "near-a", 0.93f);
        Add(proxy, "b", "near-b", 0.97f);
        Add(proxy, "c", null, 0);

        JsonElement[] misses = [];
        await Wait.UntilAsync(async () => (misses = [.. (await proxy.ApiAsync("/near-misses")).Json.GetProperty("misses").EnumerateArray()]).Length == 2, "the misses are in the ledger");

        Assert.Equal([("b", "near-b", 0.97), ("a", "near-a", 0.93)], misses.Select(miss =>
            (miss.GetProperty("entry_id").GetString()!, miss.GetProperty("near_entry_id").GetString()!, Math.Round(miss.GetProperty("similarity").GetDouble(), 4))));
        Assert.Equal(1, (await proxy.ApiAsync("/near-misses?limit=1")).Json.GetProperty("misses").GetArrayLength());
        Assert.Equal(0, (await proxy.ApiAsync("/near-misses?model=other")).Json.GetProperty("misses").GetArrayLength());
    }

    private static void Add(ProxyUnderTest proxy, string entry, string? near, float similarity) => proxy.Services.GetRequiredService<ILedger>().Add(new LedgerRow
    {
        Time = proxy.Clock.GetUtcNow(),
        Model = "m",
        Outcome = CacheOutcome.Miss,
        Status = 200,
        EntryId = entry,
        NearEntryId = near,
        Similarity = similarity,
    });
}
