using System.Text.Json;
using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.Protocol;
using CacheProxy.SemanticCache;
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

        JsonElement all = default;
        await Wait.UntilAsync(async () => (all = (await proxy.ApiAsync("/near-misses")).Json).GetProperty("searched").GetInt64() == 4, "the misses are in the ledger");
        JsonElement[] misses = [.. all.GetProperty("misses").EnumerateArray()];

        Assert.Equal([("b", "near-b", 0.97), ("a", "near-a", 0.93)], misses.Select(miss =>
            (miss.GetProperty("entry_id").GetString()!, miss.GetProperty("near_entry_id").GetString()!, Math.Round(miss.GetProperty("similarity").GetDouble(), 4))));
        Assert.Equal(proxy.Clock.GetUtcNow(), all.GetProperty("searched_from").GetDateTimeOffset());
        Assert.Equal(1, (await proxy.ApiAsync("/near-misses?limit=1")).Json.GetProperty("misses").GetArrayLength());
        Assert.Equal(0, (await proxy.ApiAsync("/near-misses?model=other")).Json.GetProperty("misses").GetArrayLength());
    }

    [Fact]
    public async Task NearMiss_OfStoredQuestions_NamesBothEntriesTheirTextsAndTheGuard()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Semantic:Policy"] = "static" });
        string stored = (await AskStoredAsync(proxy, "What is 15% of 80?"))!, asked = (await AskStoredAsync(proxy, "What is 25% of 80?"))!;

        JsonElement miss = default;
        await Wait.UntilAsync(
            async () => (await proxy.ApiAsync("/near-misses")).Json.GetProperty("misses").EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } found
                && (miss = found).GetProperty("lacked").ValueKind == JsonValueKind.String,
            "what is noted of the pair");

        Assert.Equal((asked, stored), (miss.GetProperty("entry_id").GetString(), miss.GetProperty("near_entry_id").GetString()));
        Assert.Equal(("What is 25% of 80?", "What is 15% of 80?"), (miss.GetProperty("question").GetString(), miss.GetProperty("near_question").GetString()));
        Assert.Equal("guarded (numbers)", miss.GetProperty("lacked").GetString());
    }

    private static async Task<string?> AskStoredAsync(ProxyUnderTest proxy, string question)
    {
        var stage = proxy.Services.GetRequiredService<SemanticStage>();
        long before = stage.IndexedQuestions;
        await proxy.AskAsync(question);
        await Wait.UntilAsync(() => stage.IndexedQuestions > before, "the question is indexed");
        return (await proxy.AskAsync(question)).Header(HeaderNames.Entry);
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
