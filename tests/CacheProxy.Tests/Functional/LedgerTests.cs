using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Writing;
using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Functional;

/// <summary>The row of each way in which a request can be answered: one paid call upstream is one row that paid, a hit never is.</summary>
public class LedgerTests
{
    [Fact]
    public async Task Miss_AndHit_SayWhatWasBilledAndWhatWasNot()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync();
        await proxy.AskAsync();

        LedgerRow[] rows = await RowsAsync(proxy, 2);

        LedgerRow miss = rows.Single(row => row.Outcome == CacheOutcome.Miss), hit = rows.Single(row => row.Outcome == CacheOutcome.Exact);
        Assert.Equal((7, 3, 0), (miss.Usage.Prompt, miss.Usage.Completion, miss.Saved.Prompt));
        Assert.Equal((0, 7, 3), (hit.Usage.Prompt, hit.Saved.Prompt, hit.Saved.Completion));
        Assert.Equal(Money.Zero, hit.Paid);
        Assert.Equal((200, "m", miss.EntryId), (hit.Status, hit.Model, hit.EntryId));
        Assert.NotNull(miss.EntryId);
        Assert.NotNull(miss.Upstream);
        Assert.Null(hit.Upstream);
        Assert.True(hit.MissSeconds >= 0 && hit.AnswerBytes > 0 && hit.RequestBytes > 0);
    }

    [Fact]
    public async Task Bypass_PaysAndSaysWhy()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync("hi", headers: ("Cache-Control", "no-cache, no-store"));

        LedgerRow row = Assert.Single(await RowsAsync(proxy, 1));

        Assert.Equal((CacheOutcome.Bypass, 7), (row.Outcome, row.Usage.Prompt));
        Assert.NotEqual(BypassReason.None, row.Reason);
    }

    [Fact]
    public async Task Collapsed_SparesWhatTheLeaderPaid()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var go = new TaskCompletionSource();
        proxy.Upstream.Script = async (context, _) =>
        {
            await go.Task.WaitAsync(context.RequestAborted);
            await Answers.ObjectAsync(context, "late");
        };
        Task<Reply>[] asked = [.. Enumerable.Range(0, 4).Select(_ => proxy.AskAsync())];
        await Wait.UntilAsync(() => proxy.Waiters == 4, "all wait");
        go.SetResult();
        await Task.WhenAll(asked);

        LedgerRow[] rows = await RowsAsync(proxy, 4);

        Assert.Equal(7, Assert.Single(rows, row => row.Outcome == CacheOutcome.Miss).Usage.Prompt);
        Assert.All(rows.Where(row => row.Outcome == CacheOutcome.Collapsed), row => Assert.Equal((0, 7, 3), (row.Usage.Prompt, row.Saved.Prompt, row.Saved.Completion)));
        Assert.Equal(7, rows.Sum(row => row.Usage.Prompt));
    }

    [Fact]
    public async Task Leader_WhoLeaves_StillPaysForTheAnswerThatOthersGot()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var go = new TaskCompletionSource();
        proxy.Upstream.Script = (context, _) => Answers.StreamAsync(context, ["one ", "two"], i => i == 1 ? go.Task.WaitAsync(context.RequestAborted) : Task.CompletedTask, usage: true);
        using var leaving = new CancellationTokenSource();
        const string usage = ",\"stream_options\":{\"include_usage\":true}";
        HttpResponseMessage leader = await proxy.BeginAsync(ProxyUnderTest.Question(stream: true, extra: usage), cancellationToken: leaving.Token);
        Task<Reply> follower = proxy.AskAsync(stream: true, extra: usage);
        await Wait.UntilAsync(() => proxy.Waiters == 2, "both wait");
        leader.Dispose();
        await leaving.CancelAsync();
        await Wait.UntilAsync(() => proxy.Waiters == 1, "one has left");
        go.SetResult();
        await follower;

        LedgerRow[] rows = await RowsAsync(proxy, 2);

        LedgerRow gone = Assert.Single(rows, row => row.Status == LedgerRow.ClientGone), other = Assert.Single(rows, row => row.Status == 200);
        Assert.Equal((CacheOutcome.Miss, 7), (gone.Outcome, gone.Usage.Prompt));
        Assert.Equal((CacheOutcome.Collapsed, 7), (other.Outcome, other.Saved.Prompt));
    }

    [Fact]
    public async Task Error_OfTheUpstream_IsNotBilled()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, _) =>
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return Task.CompletedTask;
        };
        await proxy.AskAsync();

        LedgerRow row = Assert.Single(await RowsAsync(proxy, 1));

        Assert.Equal((400, CacheOutcome.Miss, (Money?)Money.Zero), (row.Status, row.Outcome, row.Paid));
    }

    [Fact]
    public async Task Refresh_IsTheCachesOwnSpending()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Exact:TtlSeconds"] = "60", ["Exact:StaleWhileRevalidateSeconds"] = "600" });
        await proxy.AskAsync();
        proxy.Clock.Advance(TimeSpan.FromSeconds(90));
        await proxy.AskAsync();
        await Wait.UntilAsync(() => proxy.Upstream.Calls == 2 && proxy.Flights == 0, "refreshed");

        LedgerRow[] rows = await RowsAsync(proxy, 3);

        LedgerRow refresh = Assert.Single(rows, row => row.Work == LedgerWork.Refresh), stale = Assert.Single(rows, row => row.Outcome == CacheOutcome.Stale);
        Assert.Equal((7, 3), (refresh.Usage.Prompt, refresh.Usage.Completion));
        Assert.Equal((0, 7), (stale.Usage.Prompt, stale.Saved.Prompt));
        LedgerTotals totals = await proxy.Services.GetRequiredService<ILedgerReader>().TotalsAsync(All(proxy), TestContext.Current.CancellationToken);
        Assert.Equal((2, 1), (totals.Requests, totals.BackgroundCalls));
    }

    [Fact]
    public async Task Embeddings_PartlyFound_PayForTheRestOnly()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = async (context, _) =>
        {
            int inputs = System.Text.Json.JsonDocument.Parse(proxy.Upstream.Requests.Last().Body).RootElement.GetProperty("input").GetArrayLength();
            string data = string.Join(',', Enumerable.Range(0, inputs).Select(i => $$"""{"object":"embedding","index":{{i}},"embedding":[0.5,0.25]}"""));
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync($$$"""{"object":"list","data":[{{{data}}}],"model":"e","usage":{"prompt_tokens":{{{inputs * 5}}},"total_tokens":{{{inputs * 5}}}}}""", context.RequestAborted);
        };
        await proxy.PostAsync("/v1/embeddings", """{"model":"e","input":["aaaa","bbbb"]}""");
        await proxy.PostAsync("/v1/embeddings", """{"model":"e","input":["aaaa","bbbb","cccc"]}""");
        await proxy.PostAsync("/v1/embeddings", """{"model":"e","input":["cccc"]}""");

        LedgerRow[] rows = await RowsAsync(proxy, 3);

        // A leader's row waits for its flight: the order is not that of the requests.
        Assert.Equal(
            [(CacheOutcome.Miss, 10, 0), (CacheOutcome.Exact, 0, 5), (CacheOutcome.Miss, 5, 10)],
            rows.OrderBy(row => row.Saved.Prompt).Select(row => (row.Outcome, (int)row.Usage.Prompt, (int)row.Saved.Prompt)));
    }

    private static LedgerFilter All(ProxyUnderTest proxy) => new(proxy.Clock.GetUtcNow().AddDays(-1), proxy.Clock.GetUtcNow().AddDays(1));

    private static async Task<LedgerRow[]> RowsAsync(ProxyUnderTest proxy, int count)
    {
        LedgerRow[] rows = [];
        await Wait.UntilAsync(
            async () =>
            {
                await proxy.Services.GetRequiredService<LedgerWriter>().SettleAsync(TestContext.Current.CancellationToken);
                rows = await proxy.Services.GetRequiredService<ILedgerReader>().RowsAsync(All(proxy), cancellationToken: TestContext.Current.CancellationToken)
                    .ToArrayAsync(TestContext.Current.CancellationToken);
                return rows.Length >= count;
            },
            $"{count} rows");
        Assert.Equal(count, rows.Length);
        return rows;
    }
}
