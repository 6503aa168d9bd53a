using CacheProxy.Ledger;
using CacheProxy.Ledger.Writing;
using CacheProxy.Tests.Functional.Shared;
using CacheProxy.Tests.Stores;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Tests.Functional;

/// <summary>What happens to the ledger is never the clients' matter: traffic goes on, and the sums come when the file can be written again.</summary>
public class LedgerFaultTests
{
    private static readonly DateTimeOffset Start = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly LedgerFilter All = new(Start, Start.AddYears(200));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>In place of a full disk, a trigger that fails the writer's own statement with what SQLite says of one: the open file refuses rows until there is room.</summary>
    [Fact]
    public async Task FileThatTakesNoMore_TrafficGoesOn_AndTheSumsFollow()
    {
        var log = new RecordedLog<LedgerWriter>();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(services: services => services.AddSingleton<ILogger<LedgerWriter>>(log));
        LedgerWriter writer = proxy.Services.GetRequiredService<LedgerWriter>();
        await proxy.AskAsync("before");
        await SettleAsync(writer);
        string path = Path.Combine(Path.GetDirectoryName(proxy.ConfigurationPath)!, "ledger.db");
        using (var holder = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            holder.Open();
            Execute(holder, "CREATE TRIGGER full BEFORE INSERT ON rows BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END");

            for (int i = 0; i < 5; i++)
            {
                Assert.Equal(200, (await proxy.AskAsync("during")).Status);
            }

            await Wait.UntilAsync(() => writer.IsFailing && log.Lines.Length > 0, "the fault to be seen and told");
            Assert.Contains("cannot be used", Assert.Single(log.Lines).Text, StringComparison.Ordinal);
            Execute(holder, "DROP TRIGGER full");
        }

        proxy.Clock.Advance(TimeSpan.FromSeconds(6));
        await proxy.AskAsync("after");
        await Wait.UntilAsync(
            async () =>
            {
                await SettleAsync(writer);
                return (await proxy.Services.GetRequiredService<ILedgerReader>().TotalsAsync(All, Cancellation)).Requests == 7;
            },
            "every request to be in the sums");
        Assert.False(writer.IsFailing);
        Assert.Equal(0, writer.Lost);
        Assert.EndsWith("works again", log.Lines[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Observer_ThatThrows_IsNotTheClientsMatter()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(services: services => services.AddSingleton<ILedgerObserver, Failing>());

        Reply first = await proxy.AskAsync(), second = await proxy.AskAsync();

        Assert.Equal((200, 200), (first.Status, second.Status));
        await Wait.UntilAsync(() => proxy.Services.GetRequiredService<LedgerWriter>().ObserverFaults == 2, "both to be counted");
        string metrics = await proxy.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancellation);
        Assert.Contains("cacheproxy_ledger_observer_faults_total 2", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Followers_OnAnotherProxy_SpareWhatOneRowPaid()
    {
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(2);
        var go = new TaskCompletionSource();
        fleet.Upstream.Script = async (context, _) =>
        {
            await go.Task.WaitAsync(context.RequestAborted);
            await Answers.ObjectAsync(context, "once");
        };
        Task<Reply>[] asked = [.. fleet.Proxies.SelectMany(proxy => Enumerable.Range(0, 3).Select(_ => proxy.AskAsync()))];
        await Wait.UntilAsync(() => fleet.Proxies.All(proxy => proxy.Waiters >= 3) && fleet.Upstream.Calls == 1, "all to wait");
        go.SetResult();
        await Task.WhenAll(asked);

        var totals = new List<LedgerTotals>();
        foreach (ProxyUnderTest proxy in fleet.Proxies)
        {
            await Wait.UntilAsync(
                async () =>
                {
                    await SettleAsync(proxy.Services.GetRequiredService<LedgerWriter>());
                    return (await proxy.Services.GetRequiredService<ILedgerReader>().TotalsAsync(All, Cancellation)).Requests == 3;
                },
                "three rows");
            totals.Add(await proxy.Services.GetRequiredService<ILedgerReader>().TotalsAsync(All, Cancellation));
        }

        Assert.Equal((7, 3), (totals.Sum(one => one.Spent.Prompt), totals.Sum(one => one.Spent.Completion)));
        Assert.Equal((5 * 7, 5 * 3), (totals.Sum(one => one.Saved.Prompt), totals.Sum(one => one.Saved.Completion)));
    }

    private static async Task SettleAsync(LedgerWriter writer) => await writer.SettleAsync(Cancellation);

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA busy_timeout = 5000; " + sql;
        command.ExecuteNonQuery();
    }

    private sealed class Failing : ILedgerObserver
    {
        public void OnAdded(in LedgerRow row) => throw new InvalidOperationException("no");
    }
}
