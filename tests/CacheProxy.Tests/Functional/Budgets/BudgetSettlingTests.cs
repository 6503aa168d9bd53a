using System.Text.Json;
using CacheProxy.Budget;
using CacheProxy.Tests.Functional.Admin;
using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Functional.Budgets;

/// <summary>What is set aside before a call, and what is counted after it: 7 tokens of prompt and 3 of answer, where the upstream says so.</summary>
public class BudgetSettlingTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tokens_AreSetAsideAsEstimated_AndCountedAsBilled(bool stream)
    {
        await using ProxyUnderTest proxy = await BudgetTests.StartAsync(("Tokens", "1000"), ("Window", "day"));
        var go = new TaskCompletionSource();
        proxy.Upstream.Script = async (context, _) =>
        {
            await go.Task;
            await (stream ? Answers.StreamAsync(context, ["hel", "lo"], usage: true) : Answers.ObjectAsync(context, "hello"));
        };

        Task<Reply> asked = proxy.AskAsync("q", stream, ",\"max_tokens\":100");
        await Wait.UntilAsync(() => proxy.Upstream.Calls == 1, "the call");
        long aside = Tokens(proxy);
        go.SetResult();
        await asked;
        await Wait.UntilAsync(() => proxy.Flights == 0, "the end");

        // A third of the body's bytes, and all that the answer may have.
        Assert.InRange(aside, 130, 160);
        Assert.Equal(10, Tokens(proxy));
        Assert.Contains("detail=exact", (await proxy.AskAsync("q", stream, ",\"max_tokens\":100")).CacheStatus);
        Assert.Equal(10, Tokens(proxy));
    }

    [Fact]
    public async Task Money_IsCountedAsTheLedgerHasIt_AndWhatHasNoPriceIsSaid()
    {
        var prices = new Dictionary<string, string>
        {
            ["Ledger:Prices:0:Model"] = "m",
            ["Ledger:Prices:0:Input"] = "10",
            ["Ledger:Prices:0:Output"] = "100",
            ["Ledger:Prices:1:Model"] = "m-2024",
            ["Ledger:Prices:1:Input"] = "10",
            ["Ledger:Prices:1:Output"] = "100",
        };
        await using ProxyUnderTest proxy = await BudgetTests.StartAsync(prices, ("Money", "0.02"), ("Window", "day"));

        Reply large = await proxy.AskAsync("q", extra: ",\"max_tokens\":1000");
        Assert.Equal(200, (await proxy.AskAsync("q", extra: ",\"max_tokens\":100")).Status);
        await Wait.UntilAsync(() => proxy.Flights == 0, "the end");

        // 1,000 tokens at 100 dollars a million are 10 cents; 7 at 10 and 3 at 100 are 370 microdollars.
        Assert.Equal(429, large.Status);
        Assert.Contains("less left of its 0.02 USD", large.Text);
        BudgetState state = Assert.Single(BudgetTests.States(proxy));
        Assert.Equal((new BudgetUse(370_000, 20_000_000), 0L), (state.Money!.Value, state.Unpriced));

        proxy.Upstream.Script = (context, _) => context.Response.WriteAsJsonAsync(new
        {
            id = "x",
            @object = "chat.completion",
            created = 1,
            model = "nobody-knows",
            choices = new[] { new { index = 0, message = new { role = "assistant", content = "hi" }, finish_reason = "stop" } },
            usage = new { prompt_tokens = 7, completion_tokens = 3, total_tokens = 10 },
        });
        string body = ProxyUnderTest.Question("q2").Replace("\"m\"", "\"nobody-knows\"", StringComparison.Ordinal);
        Assert.Equal(200, (await proxy.SendAsync(body)).Status);
        await Wait.UntilAsync(() => proxy.Flights == 0, "the end");
        state = Assert.Single(BudgetTests.States(proxy));
        Assert.Equal((370_000L, 1L), (state.Money!.Value.Used, state.Unpriced));
    }

    [Fact]
    public async Task Estimate_BeyondWhatIsLeft_IsRefused_ASmallerOneIsNot()
    {
        await using ProxyUnderTest proxy = await BudgetTests.StartAsync(("Tokens", "200"), ("Window", "day"));

        Reply large = await proxy.AskAsync("q", extra: ",\"max_tokens\":1000");
        Reply small = await proxy.AskAsync("q", extra: ",\"max_tokens\":100");

        Assert.Equal((429, 200), (large.Status, small.Status));
        Assert.Contains("has less left of its 200 tokens than this request may take, about 10", large.Text);
        await Wait.UntilAsync(() => Tokens(proxy) == 10, "the answer to be settled");
    }

    [Fact]
    public async Task Answer_ThatDoesNotSayWhatItTook_CountsAsEstimated_AnErrorAsOneCall()
    {
        await using ProxyUnderTest proxy = await BudgetTests.StartAsync(("Tokens", "1000"), ("Requests", "10"), ("Window", "day"));
        proxy.Upstream.Script = (context, call) =>
        {
            context.Response.StatusCode = call == 1 ? 400 : 200;
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(call == 1
                ? """{"error":{"message":"no","type":"invalid_request_error","param":null,"code":null}}"""
                : """{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}""");
        };

        Assert.Equal(400, (await proxy.AskAsync("1", extra: ",\"max_tokens\":100")).Status);
        await Wait.UntilAsync(() => Tokens(proxy) == 0, "the error to be settled");
        Assert.Equal(200, (await proxy.AskAsync("2", extra: ",\"max_tokens\":100")).Status);
        await Wait.UntilAsync(() => proxy.Flights == 0, "the end");

        Assert.InRange(Tokens(proxy), 130, 160);
        Assert.Equal(2, Assert.Single(BudgetTests.States(proxy)).Requests!.Value.Used);
    }

    [Fact]
    public async Task Restart_GoesOnCounting_FromTheFile()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("cacheproxy-budget-");
        string file = Path.Combine(folder.FullName, "budgets.json");
        try
        {
            var settings = new Dictionary<string, string> { ["Data:Path"] = folder.FullName };
            await using (ProxyUnderTest first = await BudgetTests.StartAsync(settings, ("Requests", "3"), ("Window", "day"), ("User", "*")))
            {
                await first.AskAsync("1", extra: ",\"user\":\"alice\"");
                await first.AskAsync("2", extra: ",\"user\":\"alice\"");
                await first.AskAsync("3", extra: ",\"user\":\"bob\"");
                await SavedAsync(first, file, "[1,2]");
            }

            Assert.DoesNotContain("alice", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
            await using (ProxyUnderTest second = await BudgetTests.StartAsync(settings, ("Requests", "3"), ("Window", "day"), ("User", "*")))
            {
                Assert.Equal([1, 2], BudgetTests.States(second).Select(state => state.Requests!.Value.Used).Order());
                Assert.Equal(200, (await second.AskAsync("4", extra: ",\"user\":\"alice\"")).Status);
                Assert.Equal(429, (await second.AskAsync("5", extra: ",\"user\":\"alice\"")).Status);
                Assert.Equal(200, (await second.AskAsync("5", extra: ",\"user\":\"bob\"")).Status);
                await SavedAsync(second, file, "[2,3]");
            }

            await File.WriteAllTextAsync(file, "[{\"budget\":", TestContext.Current.CancellationToken);
            await using ProxyUnderTest third = await BudgetTests.StartAsync(settings, ("Requests", "3"), ("Window", "day"), ("User", "*"));
            Assert.Equal(200, (await third.AskAsync("6", extra: ",\"user\":\"alice\"")).Status);
            Assert.True(File.Exists(file + ".unreadable"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Reload_OfALimit_KeepsWhatWasCounted_AndABadOneChangesNothing()
    {
        await using ProxyUnderTest proxy = await BudgetTests.StartAsync(("Requests", "1"), ("Window", "day"));
        Assert.Equal(200, (await proxy.AskAsync("1")).Status);
        Assert.Equal(429, (await proxy.AskAsync("2")).Status);

        await ChangeAsync(proxy, "\"Requests\":\"1\"", "\"Requests\":\"2\"");
        await Wait.UntilAsync(() => BudgetTests.States(proxy)[0].Requests!.Value.Limit == 2, "the new limit");
        Assert.Equal(new BudgetUse(1, 2), BudgetTests.States(proxy)[0].Requests);
        Assert.Equal(200, (await proxy.AskAsync("2")).Status);
        Assert.Equal(429, (await proxy.AskAsync("3")).Status);

        await ChangeAsync(proxy, "\"Requests\":\"2\"", "\"Requests\":\"-2\"");
        await ChangeAsync(proxy, "\"Requests\":\"-2\"", "\"Requests\":\"3\"");
        await Wait.UntilAsync(() => BudgetTests.States(proxy)[0].Requests!.Value.Limit == 3, "the good limit");
        Assert.Equal(200, (await proxy.AskAsync("3")).Status);
        await Wait.UntilAsync(() => proxy.Audit().Any(line => line.Contains("budget-used", StringComparison.Ordinal)), "the line of the used budget");
    }

    // Once a second, while something changes: what a process that is killed leaves behind.
    private static Task SavedAsync(ProxyUnderTest proxy, string file, string requests) => Wait.UntilAsync(
        async () =>
        {
            proxy.Clock.Advance(TimeSpan.FromSeconds(1));
            if (!File.Exists(file))
            {
                return false;
            }

            using JsonDocument saved = JsonDocument.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
            long[] used = [.. saved.RootElement.EnumerateArray().Select(window => window.GetProperty("shares").EnumerateObject().Sum(share => share.Value[1].GetInt64())).Order()];
            return JsonSerializer.Serialize(used) == requests;
        },
        "the file");

    private static long Tokens(ProxyUnderTest proxy) => Assert.Single(BudgetTests.States(proxy)).Tokens!.Value.Used;

    private static async Task ChangeAsync(ProxyUnderTest proxy, string old, string now)
    {
        string text = await File.ReadAllTextAsync(proxy.ConfigurationPath, TestContext.Current.CancellationToken);
        Assert.Contains(old, text);
        await File.WriteAllTextAsync(proxy.ConfigurationPath, text.Replace(old, now, StringComparison.Ordinal), TestContext.Current.CancellationToken);
    }
}
