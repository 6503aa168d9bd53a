using System.Text.Json;
using CacheProxy.Protocol;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Truth;
using CacheProxy.Tests.Stores;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Functional.Dashboard;

/// <summary>What semantic hits saved beside how often they were wrong, with the bundled models: from the audit to the tile, and what a verdict teaches.</summary>
public class SemanticSavingTests
{
    private const string Question = "What is the capital of France?";
    private const string Rephrased = "Can you tell me the capital of France?";

    // 7 tokens in at 1 and 3 out at 2 millionths of a dollar.
    private const long Saved = 13_000;

    [Fact]
    public async Task Saving_WithoutAnAudit_IsUnmeasured()
    {
        await using ProxyUnderTest proxy = await StartAsync(auditShare: 0);
        await ServeAsync(proxy);

        JsonElement semantic = await SemanticAsync(proxy, 1);

        Assert.Equal((Saved, 0L), (semantic.GetProperty("saved_nanodollars").GetInt64(), semantic.GetProperty("audited").GetInt64()));
        Assert.All(
            ["wrong_of_served", "wrong_of_served_low", "wrong_of_served_high", "saved_by_right_nanodollars", "saved_at_least_nanodollars"],
            name => Assert.Equal(JsonValueKind.Null, semantic.GetProperty(name).ValueKind));
    }

    [Theory]
    [InlineData("Paris", 0)]
    [InlineData("Lyon", 1)]
    public async Task Saving_Audited_IsThatOfTheRightOnes_WithItsInterval(string auditSays, int wrong)
    {
        await using ProxyUnderTest proxy = await StartAsync(auditShare: 1);
        proxy.Upstream.Script = (context, call) => Answers.ObjectAsync(context, call == 1 ? "Paris" : auditSays);
        await ServeAsync(proxy);
        await proxy.Services.GetRequiredService<SemanticStage>().Truth!.SettleAsync(TestContext.Current.CancellationToken);

        JsonElement semantic = await SemanticAsync(proxy, 1);

        // Of one audited hit 0 or 1 was wrong: by Wilson between 0 and 79.3 %, or between 20.7 and 100 %.
        Assert.Equal((1L, (long)wrong), (semantic.GetProperty("audited").GetInt64(), semantic.GetProperty("wrong").GetInt64()));
        Assert.Equal(wrong, semantic.GetProperty("wrong_of_served").GetDouble());
        WilsonInterval interval = WilsonInterval.Of(wrong, 1);
        Assert.Equal((interval.Lower, interval.Upper), (semantic.GetProperty("wrong_of_served_low").GetDouble(), semantic.GetProperty("wrong_of_served_high").GetDouble()));
        Assert.Equal(wrong == 0 ? 0.7935 : 1, interval.Upper, 4);
        Assert.Equal(wrong == 0 ? Saved : 0, semantic.GetProperty("saved_by_right_nanodollars").GetInt64());
        Assert.Equal((long)Math.Round(Saved * (1 - interval.Upper)), semantic.GetProperty("saved_at_least_nanodollars").GetInt64());
        Assert.Equal(Saved, (await proxy.ApiAsync("/summary")).Json.GetProperty("totals").GetProperty("saved_nanodollars").GetInt64());
    }

    [Fact]
    public async Task Wrong_SaidOfASemanticHit_Teaches_OfItsAuditsOwnAnswerItDoesNot()
    {
        await using ProxyUnderTest proxy = await StartAsync(auditShare: 1);
        string served = await ServeAsync(proxy);
        await proxy.Services.GetRequiredService<SemanticStage>().Truth!.SettleAsync(TestContext.Current.CancellationToken);

        // The audit asked the upstream in these words: its answer is an entry of its own, and from now on an exact hit.
        await Wait.UntilAsync(async () => (await proxy.ApiAsync("/entries")).Json.GetProperty("entries").GetArrayLength() == 2, "the audit's answer is stored");
        Reply again = await proxy.AskAsync(Rephrased);
        Assert.Contains("detail=exact", again.CacheStatus, StringComparison.Ordinal);
        string audited = again.Header(HeaderNames.Entry)!;
        Assert.NotEqual(served, audited);

        Assert.Equal((false, false), await WrongAsync(proxy, audited));
        Assert.Equal((true, true), await WrongAsync(proxy, served));
    }

    // What the page is told before, and what came of it.
    private static async Task<(bool WasSemanticHit, bool Learned)> WrongAsync(ProxyUnderTest proxy, string entry)
    {
        bool wasHit = (await proxy.ApiAsync("/entries/" + entry)).Json.GetProperty("was_semantic_hit").GetBoolean();
        return (wasHit, (await proxy.ApiAsync(HttpMethod.Post, $"/entries/{entry}/feedback", """{"verdict":"wrong"}""")).Json.GetProperty("learned").GetBoolean());
    }

    private static async Task<JsonElement> SemanticAsync(ProxyUnderTest proxy, long hits)
    {
        JsonElement semantic = default;
        await Wait.UntilAsync(
            async () => (semantic = (await proxy.ApiAsync("/summary")).Json.GetProperty("semantic")).GetProperty("hits").GetInt64() == hits, "the hit is in the ledger");
        return semantic;
    }

    /// <returns>The entry that was given to other words.</returns>
    private static async Task<string> ServeAsync(ProxyUnderTest proxy)
    {
        var stage = proxy.Services.GetRequiredService<SemanticStage>();
        await proxy.AskAsync(Question);
        await Wait.UntilAsync(() => stage.IndexedQuestions == 1, "the question is indexed");
        Reply hit = await proxy.AskAsync(Rephrased);
        Assert.Contains("detail=semantic", hit.CacheStatus, StringComparison.Ordinal);
        return hit.Header(HeaderNames.Entry)!;
    }

    private static Task<ProxyUnderTest> StartAsync(double auditShare) => ProxyUnderTest.StartAsync(new()
    {
        ["Semantic:Policy"] = "static",
        ["Semantic:BudgetMilliseconds"] = "10000",
        ["Semantic:Embedder:BudgetMilliseconds"] = "10000",
        ["Data:BudgetMilliseconds"] = "10000",
        ["Semantic:AuditShare"] = auditShare.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["Semantic:AuditsPerMinute"] = "1000",
        ["Ledger:Prices:0:Model"] = "m",
        ["Ledger:Prices:0:Input"] = "1",
        ["Ledger:Prices:0:Output"] = "2",
    });
}
