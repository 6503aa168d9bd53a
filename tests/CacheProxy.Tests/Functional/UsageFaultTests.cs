using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Writing;
using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Functional;

/// <summary>A model with a price, and upstreams whose usage cannot be, or is not there: the cost is unknown and counted as that, never zero and never absurd, and the client has its answer.</summary>
public class UsageFaultTests
{
    private const string Good = """{"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}""";

    private static readonly Dictionary<string, string> s_priced = new()
    {
        ["Ledger:Prices:0:Model"] = "*",
        ["Ledger:Prices:0:Input"] = "2",
        ["Ledger:Prices:0:Output"] = "10",
        ["Ledger:Prices:0:CachedInput"] = "1",
    };

    public static TheoryData<string, string?> Faults => new()
    {
        { "a quintillion", """{"prompt_tokens":1000000000000000000,"completion_tokens":3}""" },
        { "beyond 64 bits", """{"prompt_tokens":7,"completion_tokens":99999999999999999999}""" },
        { "negative", """{"prompt_tokens":-7,"completion_tokens":3}""" },
        { "a fraction", """{"prompt_tokens":7.5,"completion_tokens":3}""" },
        { "a text", """{"prompt_tokens":"7","completion_tokens":3}""" },
        { "null", """{"prompt_tokens":null,"completion_tokens":3}""" },
        { "half of it", """{"completion_tokens":3}""" },
        { "more cached than there was", """{"prompt_tokens":7,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":8}}""" },
        { "more thoughts than answer", """{"prompt_tokens":7,"completion_tokens":3,"completion_tokens_details":{"reasoning_tokens":4}}""" },
        { "far beyond the bytes", """{"prompt_tokens":900000000,"completion_tokens":3}""" },
        { "usage null", "null" },
        { "usage a list", "[7,3]" },
        { "no usage", null },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Usage_ThatCannotBe_IsOfUnknownCost_AndHurtsNoSum(string what, string? usage)
    {
        _ = what;
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(s_priced);
        proxy.Upstream.Script = (context, call) =>
        {
            string answer = Answers.Object("hello");
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(
                call > 1 ? answer : usage is null ? answer.Replace($"\"usage\": {Good}", "\"x\": 0", StringComparison.Ordinal) : answer.Replace(Good, usage, StringComparison.Ordinal),
                context.RequestAborted);
        };

        Reply faulty = await proxy.AskAsync("faulty");
        Reply again = await proxy.AskAsync("faulty");
        Reply good = await proxy.AskAsync("good");

        Assert.Equal((200, 200, 200), (faulty.Status, again.Status, good.Status));
        Assert.Contains("hit", again.CacheStatus);
        LedgerTotals totals = await TotalsAsync(proxy, 3);
        // The miss and its hit are of unknown cost; the good one is 7 x 2,000 + 3 x 10,000.
        Assert.Equal((3, 2, 44_000, 0), (totals.Requests, totals.RequestsOfUnknownPrice, totals.Paid.Nanodollars, totals.Avoided.Nanodollars));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("""{"prompt_tokens":1000000000000000000,"completion_tokens":3,"total_tokens":5}""")]
    [InlineData("""{"prompt_tokens":-1,"completion_tokens":3,"total_tokens":5}""")]
    public async Task Stream_WithoutAUsageThatCanBe_IsOfUnknownCost_NotOfNone(string? usage)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(s_priced);
        proxy.Upstream.Script = (context, _) =>
        {
            context.Response.ContentType = "text/event-stream";
            string told = usage is null ? "" : $$"""data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{{usage}}}""" + "\n\n";
            return context.Response.WriteAsync(Answers.Chunk("hello") + Answers.Finish() + told + "data: [DONE]\n\n", context.RequestAborted);
        };

        Reply reply = await proxy.AskAsync(stream: true);

        Assert.Contains("hello", reply.Text);
        LedgerTotals totals = await TotalsAsync(proxy, 1);
        Assert.Equal((1, 1, 0), (totals.RequestsOf(CacheOutcome.Miss), totals.RequestsOfUnknownPrice, totals.Paid.Nanodollars));
    }

    private static async Task<LedgerTotals> TotalsAsync(ProxyUnderTest proxy, int requests)
    {
        var totals = new LedgerTotals();
        DateTimeOffset now = proxy.Clock.GetUtcNow();
        await Wait.UntilAsync(
            async () =>
            {
                await proxy.Services.GetRequiredService<LedgerWriter>().SettleAsync(TestContext.Current.CancellationToken);
                totals = await proxy.Services.GetRequiredService<ILedgerReader>().TotalsAsync(new LedgerFilter(now.AddHours(-1), now.AddHours(1)), TestContext.Current.CancellationToken);
                return totals.Requests >= requests;
            },
            $"{requests} requests");
        return totals;
    }
}
