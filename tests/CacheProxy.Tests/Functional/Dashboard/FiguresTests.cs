using System.Text.Json;
using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.Tests.Stores;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Functional.Dashboard;

/// <summary>Known traffic, and what the dashboard says of it.</summary>
public class FiguresTests
{
    [Fact]
    public async Task Summary_AfterKnownTraffic_CountsEachRequestOnce()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await TrafficAsync(proxy);

        JsonElement totals = (await SummaryAsync(proxy, "")).GetProperty("totals");

        // Two questions asked anew, one of them three times more, one past the cache.
        Assert.Equal((6, 3, 2, 1), (Number(totals, "requests"), Number(totals, "exact"), Number(totals, "miss"), Number(totals, "bypass")));
        Assert.Equal((3, 0), (Number(totals, "hits"), Number(totals, "errors")));
        Assert.Equal(0.6, totals.GetProperty("hit_rate").GetDouble(), 6);
        Assert.Equal(3, Number((await SummaryAsync(proxy, "")).GetProperty("latency").GetProperty("hit_total"), "count"));
    }

    [Fact]
    public async Task Money_OnTheWire_IsTheSameAsWholeNanodollars()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await TrafficAsync(proxy);

        JsonElement totals = (await SummaryAsync(proxy, "")).GetProperty("totals");

        foreach (string name in new[] { "paid", "saved", "overhead", "net", "background_paid" })
        {
            Assert.Equal(totals.GetProperty(name + "_nanodollars").GetInt64(), totals.GetProperty(name + "_usd").GetDecimal() * 1_000_000_000m);
        }

        // Nobody knows what "m" costs: unknown, not free.
        Assert.Equal(6, Number(totals, "unknown_price_requests"));
        Assert.Equal(0, totals.GetProperty("paid_nanodollars").GetInt64());
    }

    [Fact]
    public async Task Summary_OfAFilter_CountsThatOnly()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await TrafficAsync(proxy);

        Assert.Equal(3, Number((await SummaryAsync(proxy, "?outcome=exact")).GetProperty("totals"), "requests"));
        Assert.Equal(6, Number((await SummaryAsync(proxy, "?model=m")).GetProperty("totals"), "requests"));
        Assert.Equal(0, Number((await SummaryAsync(proxy, "?model=other")).GetProperty("totals"), "requests"));
        Assert.Equal(0, Number((await SummaryAsync(proxy, $"?to={proxy.Clock.GetUtcNow().AddHours(-2).ToUnixTimeSeconds()}&from={proxy.Clock.GetUtcNow().AddHours(-3).ToUnixTimeSeconds()}")).GetProperty("totals"), "requests"));
    }

    [Fact]
    public async Task Series_HasEveryStep_AndSumsUpToTheSummary()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await TrafficAsync(proxy);

        JsonElement reply = (await proxy.ApiAsync("/series?since=2h&step=5m")).Json;

        long[] times = [.. reply.GetProperty("times").EnumerateArray().Select(time => time.GetInt64())];
        JsonElement all = Assert.Single(reply.GetProperty("series").EnumerateArray());
        Assert.Equal(25, times.Length);
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.Equal(300, pair.Second - pair.First));
        Assert.Equal(6, all.GetProperty("requests").EnumerateArray().Sum(count => count.GetInt64()));
        Assert.Equal(times.Length, all.GetProperty("hit_total").GetProperty("p50").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, all.GetProperty("hit_rate")[0].ValueKind);
        Assert.Equal(300, reply.GetProperty("range").GetProperty("step_seconds").GetInt64());
    }

    [Fact]
    public async Task Series_ByAKey_TakesTheLargestAndAddsUpTheRest()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await TrafficAsync(proxy);

        JsonElement[] series = [.. (await proxy.ApiAsync("/series?since=1h&by=outcome&limit=1")).Json.GetProperty("series").EnumerateArray()];

        Assert.Equal(["exact", "(other)"], series.Select(one => one.GetProperty("key").GetString()!));
        Assert.Equal([3, 3], series.Select(one => one.GetProperty("requests").EnumerateArray().Sum(count => count.GetInt64())));
    }

    [Fact]
    public async Task Series_ByDaysOfAZone_BeginsAtItsMidnights()
    {
        // Berlin puts its clocks back on 25 October 2026: that day has 25 hours.
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        JsonElement reply = (await proxy.ApiAsync("/series?from=2026-10-23T22:00:00Z&to=2026-10-26T23:00:00Z&step=1d&tz=Europe/Berlin")).Json;

        long[] times = [.. reply.GetProperty("times").EnumerateArray().Select(time => time.GetInt64())];
        Assert.Equal([24, 25], times.Zip(times.Skip(1)).Select(pair => (pair.Second - pair.First) / 3600));
        Assert.Equal("Europe/Berlin", reply.GetProperty("range").GetProperty("time_zone").GetString());
    }

    [Fact]
    public async Task Groups_ByEntry_NameThePromptThatSavesMost()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await TrafficAsync(proxy);
        string entry = (await proxy.AskAsync("one")).Header("X-CacheProxy-Entry")!;
        await CountedAsync(proxy, "requests", 7);

        JsonElement[] groups = [.. (await proxy.ApiAsync("/groups?by=entry&order=requests")).Json.GetProperty("groups").EnumerateArray()];

        Assert.Equal(entry, groups[0].GetProperty("key").GetString());
        Assert.Equal(4, Number(groups[0].GetProperty("figures"), "requests"));
        Assert.Equal(("m", true), (groups[0].GetProperty("entry").GetProperty("model").GetString(), groups[0].GetProperty("entry").GetProperty("is_fresh").GetBoolean()));
    }

    [Theory]
    [InlineData("entry", "paid", 100)]
    [InlineData("entry", "paid", 2)]
    [InlineData("prefix", "requests", 100)]
    [InlineData("user", "net", 100)]
    public async Task Groups_OfWhatClientsAsk_LeaveOutWhatTheCacheAskedByItself(string by, string order, int limit)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        for (int i = 0; i < 3; i++)
        {
            Add(proxy, LedgerWork.Client, CacheOutcome.Exact, $"asked-{i}");
            Add(proxy, LedgerWork.Audit, CacheOutcome.Miss, $"audited-{i}");
        }

        await CountedAsync(proxy, "background_calls", 3);

        JsonElement[] groups = [.. (await proxy.ApiAsync($"/groups?by={by}&order={order}&limit={limit}")).Json.GetProperty("groups").EnumerateArray()];

        // The audits paid, and yet take no client's place.
        Assert.Equal(Math.Min(3, limit), groups.Length);
        Assert.All(groups, group => Assert.Equal(1, Number(group.GetProperty("figures"), "requests")));
        Assert.All(groups, group => Assert.StartsWith("asked-", group.GetProperty("key").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Choices_AreTheNamesThatWereSeen()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await TrafficAsync(proxy);

        JsonElement reply = (await proxy.ApiAsync("/choices?since=1h")).Json;

        Assert.Equal(["m"], reply.GetProperty("models").EnumerateArray().Select(name => name.GetString()!));
        Assert.Single(reply.GetProperty("tenants").EnumerateArray());
        Assert.Single(reply.GetProperty("upstreams").EnumerateArray());
        Assert.Equal(0, (await proxy.ApiAsync($"/choices?to={proxy.Clock.GetUtcNow().AddHours(-2).ToUnixTimeSeconds()}")).Json.GetProperty("models").GetArrayLength());
    }

    [Theory]
    [InlineData("model", "m")]
    [InlineData("dialect", "open_ai_chat")]
    [InlineData("work", "client")]
    public async Task Groups_ByAKey_HoldAllRequests(string by, string key)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await TrafficAsync(proxy);

        JsonElement group = Assert.Single((await proxy.ApiAsync($"/groups?by={by}")).Json.GetProperty("groups").EnumerateArray());

        Assert.Equal((key, 6), (group.GetProperty("key").GetString(), Number(group.GetProperty("figures"), "requests")));
    }

    [Fact]
    public async Task Prefix_NamesTheUpstreams_AndTheirSums()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await TrafficAsync(proxy);

        JsonElement reply = (await proxy.ApiAsync("/prefix")).Json;

        JsonElement upstream = Assert.Single(reply.GetProperty("upstreams").EnumerateArray());
        Assert.Equal((3, 3), (Number(reply.GetProperty("totals"), "requests"), Number(upstream, "requests")));
        Assert.Equal(Number((await SummaryAsync(proxy, "")).GetProperty("totals").GetProperty("tokens"), "prompt"), Number(upstream, "prompt_tokens"));
    }

    [Theory]
    [InlineData("/summary?since=0d", "since")]
    [InlineData("/summary?since=7", "since")]
    [InlineData("/summary?since=-1h", "since")]
    [InlineData("/summary?since=99999d", "since")]
    [InlineData("/summary?since=1d&from=2026-01-01T00:00:00Z", "since")]
    [InlineData("/summary?from=yesterday", "from")]
    [InlineData("/summary?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "from")]
    [InlineData("/summary?from=1000-01-01T00:00:00Z", "from")]
    [InlineData("/summary?to=2026-01-01T00:00:00", "to")]
    [InlineData("/summary?outcome=lucky", "outcome")]
    [InlineData("/summary?tz=Mars/Olympus", "tz")]
    [InlineData("/summary?tz=../../etc/passwd", "tz")]
    [InlineData("/summary?colour=red", "colour")]
    [InlineData("/series?since=7d&step=1m", "step")]
    [InlineData("/series?step=10s", "step")]
    [InlineData("/series?by=entry", "by")]
    [InlineData("/series?by=colour", "by")]
    [InlineData("/series?limit=1000", "limit")]
    [InlineData("/groups", "by")]
    [InlineData("/groups?by=model&order=beauty", "order")]
    [InlineData("/groups?by=model&limit=0", "limit")]
    [InlineData("/near-misses?limit=x", "limit")]
    [InlineData("/tail?outcome=lucky", "outcome")]
    [InlineData("/tail?since=1h", "since")]
    public async Task Parameter_ThatIsWrong_IsNamed(string path, string param)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Reply reply = await proxy.ApiAsync(path);

        Assert.Equal((400, param), (reply.Status, reply.ErrorParam));
    }

    [Theory]
    [InlineData("/summary")]
    [InlineData("/series")]
    [InlineData("/groups?by=model")]
    [InlineData("/near-misses")]
    [InlineData("/choices")]
    [InlineData("/prefix")]
    public async Task Ledger_SwitchedOff_GivesNoFiguresAndSaysSo(string path)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Ledger:Enabled"] = "false" });

        Reply reply = await proxy.ApiAsync(path);

        Assert.Equal(200, reply.Status);
        Assert.Contains("Ledger:Enabled", reply.Json.GetProperty("notice").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/summary")]
    [InlineData("/series")]
    [InlineData("/groups?by=model")]
    [InlineData("/near-misses")]
    [InlineData("/choices")]
    [InlineData("/prefix")]
    public async Task Ledger_ThatCannotBeRead_GivesNoFiguresAndSaysSo(string path)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(services: services => BrokenLedger.Use(services, new IOException("the file is locked")));

        Reply reply = await proxy.ApiAsync(path);

        Assert.Equal(200, reply.Status);
        Assert.Contains("the file is locked", reply.Json.GetProperty("notice").GetString(), StringComparison.Ordinal);
    }

    // Four of the same, one other, one past the cache.
    private static async Task TrafficAsync(ProxyUnderTest proxy)
    {
        await proxy.AskAsync("one");
        await Wait.UntilAsync(async () => (await proxy.ApiAsync("/entries?limit=10")).Json.GetProperty("entries").GetArrayLength() == 1, "the first answer is stored");
        for (int i = 0; i < 3; i++)
        {
            await proxy.AskAsync("one");
        }

        await proxy.AskAsync("two");
        await proxy.AskAsync("three", headers: ("Cache-Control", "no-store, no-cache"));
        await CountedAsync(proxy, "requests", 6);
    }

    private static Task CountedAsync(ProxyUnderTest proxy, string what, long count)
        => Wait.UntilAsync(async () => Number((await SummaryAsync(proxy, "")).GetProperty("totals"), what) == count, $"{count} {what} are in the ledger");

    private static void Add(ProxyUnderTest proxy, LedgerWork work, CacheOutcome outcome, string key) => proxy.Services.GetRequiredService<ILedger>().Add(new LedgerRow
    {
        Time = proxy.Clock.GetUtcNow(),
        Work = work,
        Model = "m",
        Outcome = outcome,
        Status = 200,
        EntryId = key,
        PrefixId = key,
        User = key,
        Paid = new Money(work == LedgerWork.Client ? 0 : 1000),
        Avoided = new Money(work == LedgerWork.Client ? 1000 : 0),
    });

    private static async Task<JsonElement> SummaryAsync(ProxyUnderTest proxy, string query) => (await proxy.ApiAsync("/summary" + query)).Json;

    private static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();
}
