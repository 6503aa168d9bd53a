using System.Collections.Concurrent;
using CacheProxy.Exchange.Answers;
using CacheProxy.Ledger;
using CacheProxy.Pipeline.Configuration;
using CacheProxy.Tests.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CacheProxy.Tests.Functional;

/// <summary>What requests cost and saved, through the whole program.</summary>
public class PriceTests
{
    // 7 prompt tokens at 2 and 3 completion tokens at 4 USD per million: 7 x 2,000 + 3 x 4,000 nanodollars.
    private static readonly Money s_cost = new(26_000);

    [Fact]
    public async Task Miss_IsPaidOnce_AndItsHitsSaveTheSame()
    {
        var seen = new Seen();
        await using ProxyUnderTest proxy = await StartAsync(seen, new() { ["Ledger:Prices:0:Model"] = "m-2024", ["Ledger:Prices:0:Input"] = "2", ["Ledger:Prices:0:Output"] = "4" });

        await proxy.AskAsync();
        await proxy.AskAsync();
        await proxy.AskAsync("another", headers: [("Cache-Control", "no-store")]);

        LedgerRow[] rows = await seen.TakeAsync(3);
        Assert.Equal([s_cost, Money.Zero, s_cost], rows.Select(row => row.Paid!.Value));
        Assert.Equal([Money.Zero, s_cost, Money.Zero], rows.Select(row => row.Avoided!.Value));
        Assert.Equal((7, 3), (rows[1].Saved.Prompt, rows[1].Saved.Completion));
    }

    [Fact]
    public async Task Model_ThatNobodyKnows_IsOfUnknownCost_AndNotFree()
    {
        var seen = new Seen();
        await using ProxyUnderTest proxy = await StartAsync(seen, new() { ["Upstreams:0:Name"] = "o", ["Upstreams:0:Kind"] = "compatible" });

        await proxy.AskAsync();
        await proxy.AskAsync();

        LedgerRow[] rows = await seen.TakeAsync(2);
        Assert.Null(rows[0].Paid);
        Assert.Null(rows[1].Avoided);
        // Nobody was asked for the second, which is known.
        Assert.Equal(Money.Zero, rows[1].Paid);
    }

    [Fact]
    public async Task Refusal_OfAModelThatNobodyKnows_CostsNothing()
    {
        var seen = new Seen();
        await using ProxyUnderTest proxy = await StartAsync(seen, new() { ["Upstreams:0:Name"] = "o", ["Upstreams:0:Kind"] = "compatible" });
        proxy.Upstream.Script = (context, _) =>
        {
            context.Response.StatusCode = 400;
            return Task.CompletedTask;
        };

        await proxy.AskAsync();

        LedgerRow row = Assert.Single(await seen.TakeAsync(1));
        Assert.Equal((Money.Zero, TokenCounts.None), (row.Paid, row.Usage));
    }

    [Theory]
    [InlineData("0.000003")]
    [InlineData("3000000")]
    [InlineData("-1")]
    public async Task Price_InAnotherUnit_StopsTheStart_AndNamesItsKey(string price)
    {
        Exception fault = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(new Seen(), new() { ["Ledger:Prices:0:Model"] = "m", ["Ledger:Prices:0:Input"] = price }));

        Assert.True(fault is ConfigurationException or OptionsValidationException, fault.ToString());
        Assert.Contains("Ledger:Prices:0:Input", fault.Message);
        Assert.Contains("US dollars per million tokens", fault.Message);
    }

    private static async Task<ProxyUnderTest> StartAsync(Seen seen, Dictionary<string, string> settings)
    {
        if (!settings.ContainsKey("Upstreams:0:Name"))
        {
            return await ProxyUnderTest.StartAsync(settings, services => services.AddSingleton<ILedgerObserver>(seen));
        }

        ScriptedUpstream other = await ScriptedUpstream.StartAsync();
        settings["Upstreams:0:BaseUrl"] = other.Url;
        ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(settings, services => services.AddSingleton<ILedgerObserver>(seen));
        other.Script = (context, call) => proxy.Upstream.Script(context, call);
        return proxy;
    }

    private sealed class Seen : ILedgerObserver
    {
        private readonly ConcurrentQueue<LedgerRow> _rows = new();

        public void OnAdded(in LedgerRow row) => _rows.Enqueue(row);

        // A row is made when all is known of its request, which is after its client has its answer.
        public async Task<LedgerRow[]> TakeAsync(int count)
        {
            await Wait.UntilAsync(() => _rows.Count >= count, "the ledger's rows");
            return [.. _rows];
        }
    }
}
