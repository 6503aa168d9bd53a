using System.Text;
using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Writing;
using CacheProxy.Tests.Functional.Budgets;
using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Functional;

/// <summary>Calls that go past the cache are in the ledger and in the budgets too: what they say that they cost, or that nobody knows it.</summary>
public class PassedCallTests
{
    private const string Usage = """{"input_tokens":1000,"output_tokens":50,"total_tokens":1050}""";

    private static readonly Dictionary<string, string> s_priced = new()
    {
        ["Ledger:Prices:0:Model"] = "known*",
        ["Ledger:Prices:0:Input"] = "2",
        ["Ledger:Prices:0:Output"] = "10",
    };

    [Theory]
    // 1,000 x 2,000 + 50 x 10,000 = 2,500,000.
    [InlineData("POST", "/v1/responses/compact", "known", 2_500_000L, false)]
    [InlineData("POST", "/v1/responses/compact", "other", null, false)]
    // Pictures and speech are sold by more than text tokens.
    [InlineData("POST", "/v1/images/generations", "known-image", 2_500_000L, true)]
    [InlineData("POST", "/v1/audio/transcriptions", "known-speech", 2_500_000L, true)]
    // What was billed when it was made is not billed when it is looked at, and this is not charged.
    [InlineData("GET", "/v1/responses/resp_1", "known", 0L, false)]
    [InlineData("DELETE", "/v1/responses/resp_1", "known", 0L, false)]
    [InlineData("POST", "/v1/responses/resp_1/cancel", "known", 0L, false)]
    [InlineData("POST", "/v1/messages/count_tokens", "known", 0L, false)]
    [InlineData("POST", "/v1/moderations", "known", 0L, false)]
    public async Task Row_SaysWhatTheAnswerCost(string method, string path, string model, long? nanodollars, bool isPart)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(s_priced);
        proxy.Upstream.Script = (context, _) => AnswerAsync(context, $$"""{"id":"x","model":"{{model}}","usage":{{Usage}}}""");

        await SendAsync(proxy, method, path);

        LedgerRow row = Assert.Single(await RowsAsync(proxy, 1));
        Assert.Equal((CacheOutcome.Bypass, BypassReason.UncachedPath, 200), (row.Outcome, row.Reason, row.Status));
        Assert.Equal((nanodollars, isPart), (row.Paid?.Nanodollars, row.IsPartPriced));
        Assert.NotNull(row.Upstream);
        Assert.Equal(nanodollars == 0 ? "" : model, row.Model);
    }

    [Theory]
    [InlineData("application/json", "{\"model\":\"known\"}")]
    [InlineData("audio/mpeg", "\u0001\u0002\u0003")]
    [InlineData("application/json", "{\"model\":\"known\",\"usage\":{\"input_tokens\":-4,\"output_tokens\":1}}")]
    public async Task Answer_WithoutAUsageThatCanBe_IsOfUnknownCost(string type, string answer)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(s_priced);
        proxy.Upstream.Script = (context, _) => AnswerAsync(context, answer, type);

        await SendAsync(proxy, "POST", "/v1/audio/speech");

        Assert.Null(Assert.Single(await RowsAsync(proxy, 1)).Paid);
    }

    [Fact]
    public async Task Refusal_CostsNothing_AndIsCounted()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(s_priced);
        proxy.Upstream.Script = (context, _) =>
        {
            context.Response.StatusCode = 400;
            return AnswerAsync(context, """{"error":{"message":"no"}}""");
        };

        await SendAsync(proxy, "POST", "/v1/images/generations");

        LedgerRow row = Assert.Single(await RowsAsync(proxy, 1));
        Assert.Equal((400, Money.Zero), (row.Status, row.Paid));
    }

    [Fact]
    public async Task Budget_CountsWhatCanCost_AndRefusesIt()
    {
        await using ProxyUnderTest proxy = await BudgetTests.StartAsync(s_priced, ("Requests", "2"), ("Window", "day"));
        proxy.Upstream.Script = (context, _) => AnswerAsync(context, $$"""{"id":"x","model":"known","usage":{{Usage}}}""");

        Assert.Equal(200, await SendAsync(proxy, "POST", "/v1/responses/compact"));
        Assert.Equal(200, await SendAsync(proxy, "GET", "/v1/responses/resp_1"));
        Assert.Equal(200, await SendAsync(proxy, "POST", "/v1/images/generations"));
        Assert.Equal(429, await SendAsync(proxy, "POST", "/v1/images/generations"));
        Assert.Equal(200, await SendAsync(proxy, "GET", "/v1/responses/resp_1"));

        Assert.Equal(4, proxy.Upstream.Calls);
        Assert.Equal(2, Assert.Single(BudgetTests.States(proxy)).Requests!.Value.Used);
        Assert.Equal(5, (await RowsAsync(proxy, 5)).Length);
    }

    private static async Task<int> SendAsync(ProxyUnderTest proxy, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = method == "POST" ? new StringContent("{}", Encoding.UTF8, "application/json") : null;
        using HttpResponseMessage response = await proxy.Client.SendAsync(request, TestContext.Current.CancellationToken);
        await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }

    private static Task AnswerAsync(HttpContext context, string answer, string type = "application/json")
    {
        context.Response.ContentType = type;
        return context.Response.WriteAsync(answer, context.RequestAborted);
    }

    private static async Task<LedgerRow[]> RowsAsync(ProxyUnderTest proxy, int count)
    {
        LedgerRow[] rows = [];
        DateTimeOffset now = proxy.Clock.GetUtcNow();
        await Wait.UntilAsync(
            async () =>
            {
                await proxy.Services.GetRequiredService<LedgerWriter>().SettleAsync(TestContext.Current.CancellationToken);
                rows = await proxy.Services.GetRequiredService<ILedgerReader>().RowsAsync(new LedgerFilter(now.AddHours(-1), now.AddHours(1)), cancellationToken: TestContext.Current.CancellationToken)
                    .ToArrayAsync(TestContext.Current.CancellationToken);
                return rows.Length >= count;
            },
            $"{count} rows");
        return rows;
    }
}
