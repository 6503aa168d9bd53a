using CacheProxy.SemanticCache;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Functional.Admin;

public class SemanticPurgeTests
{
    private const string Line = """{"model":"m","system":"s","question":"What is the capital of France?","answer":"Paris, as seeded.","tags":["geo"]}""";
    private const string Rephrased = "Can you tell me the capital of France?";

    [Fact]
    public async Task Seeded_ThenPurged_ThenSeededAgain_IsFoundInOtherWordsAsItShould()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Semantic:Policy"] = "static", ["Semantic:BudgetMilliseconds"] = "10000" });
        await SeedAsync(proxy);

        Reply hit = await proxy.AskAsync(Rephrased, headers: ("Cache-Control", "no-store"));
        Assert.StartsWith("CacheProxy; hit; detail=semantic", hit.CacheStatus, StringComparison.Ordinal);
        Assert.Contains("as seeded", hit.Text, StringComparison.Ordinal);

        await proxy.ActAsync("/admin/purge", """{"tag":"geo","dry_run":false}""");
        Reply miss = await proxy.AskAsync(Rephrased, headers: ("Cache-Control", "no-store"));
        Assert.StartsWith("CacheProxy; fwd=miss", miss.CacheStatus, StringComparison.Ordinal);

        await SeedAsync(proxy);
        Reply again = await proxy.AskAsync(Rephrased, headers: ("Cache-Control", "no-store"));
        Assert.StartsWith("CacheProxy; hit; detail=semantic", again.CacheStatus, StringComparison.Ordinal);
        Assert.Equal(2, proxy.Services.GetRequiredService<SemanticStage>().IndexedQuestions);
    }

    [Fact]
    public async Task Bump_OfTheNamespace_LeavesNoNeighbour()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Semantic:Policy"] = "static", ["Semantic:BudgetMilliseconds"] = "10000" });
        await SeedAsync(proxy);

        await proxy.ActAsync("/admin/epochs/");

        Assert.StartsWith("CacheProxy; fwd=miss", (await proxy.AskAsync(Rephrased, headers: ("Cache-Control", "no-store"))).CacheStatus, StringComparison.Ordinal);
    }

    private static async Task SeedAsync(ProxyUnderTest proxy)
        => Assert.Equal(200, (await proxy.CallAsync(HttpMethod.Post, "/admin/seed", Line, [], "application/x-ndjson")).Status);
}
