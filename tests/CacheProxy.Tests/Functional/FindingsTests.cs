using CacheProxy.Ledger.Findings;
using CacheProxy.Tests.Stores;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Functional;

/// <summary>What the requests that go upstream leave for the report, through the whole program.</summary>
public class FindingsTests
{
    private static readonly string Rules = string.Concat(Enumerable.Range(0, 60).Select(i => $"Rule {i * 7919 % 1000}: be brief. "));

    [Fact]
    public async Task Prompts_ThatDifferByTheTimeInFront_AreAVolatilePrefix()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        for (int i = 10; i < 15; i++)
        {
            await proxy.SendAsync(Prompt($"It is now 2026-11-22 10:05:{i}. {Rules}", $"question {i * i}"));
            // So that the last one is also the last to be compared.
            await ReadAsync(proxy);
        }

        VolatilePrefix found = Assert.Single((await ReadAsync(proxy)).VolatilePrefixes);

        Assert.Equal((VolatileClass.DateTime, 4L), (found.Class, found.Prompts));
        Snippet example = Assert.NotNull(found.Example);
        Assert.Equal("10:05:14", example.Text.Substring(example.Start, example.Length));
        Assert.Equal("system It is now 2026-11-22 ", example.Text[..example.Start]);
        Assert.InRange(found.Tokens, 1, long.MaxValue);
    }

    [Fact]
    public async Task Texts_WhereTheyAreNotToBeKept_AreNowhere()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Ledger:KeepSnippets"] = "false" });
        for (int i = 0; i < 3; i++)
        {
            await proxy.SendAsync(Prompt($"Zebra {i}. {Rules}", $"question {i}"));
            // Noted one after the other.
            await ReadAsync(proxy);
        }

        VolatilePrefix found = Assert.Single((await ReadAsync(proxy)).VolatilePrefixes);

        Assert.Equal(VolatileClass.Number, found.Class);
        Assert.Null(found.Example);
        Assert.All(Directory.GetFiles(Path.GetDirectoryName(proxy.ConfigurationPath)!, FindingsFile.FileName + "*"), file => Assert.DoesNotContain("Zebra", ReadShared(file), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Purge_OfEverything_TakesTheTextsAway()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        for (int i = 0; i < 3; i++)
        {
            await proxy.SendAsync(Prompt($"Zebra {i}. {Rules}", $"question {i}"));
            // Noted one after the other.
            await ReadAsync(proxy);
        }

        Assert.NotNull((await ReadAsync(proxy)).VolatilePrefixes.Single().Example);
        await proxy.PostAsync("/admin/purge", """{"model":"m","dry_run":false}""");
        FindingsReport found = await ReadAsync(proxy);

        Assert.Null(Assert.Single(found.VolatilePrefixes).Example);
        Assert.Equal(2, found.VolatilePrefixes[0].Prompts);
    }

    [Fact]
    public async Task AnExpiredAnswer_AskedForAgain_IsSameOrDifferent()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Exact:TtlSeconds"] = "60" });
        proxy.Upstream.Script = (context, call) => Answers.ObjectAsync(context, call == 3 ? "bye" : "hello");
        for (int i = 0; i < 3; i++)
        {
            await proxy.AskAsync();
            await proxy.AskAsync();
            proxy.Clock.Advance(TimeSpan.FromSeconds(100));
        }

        ExpiredAnswers found = Assert.Single((await ReadAsync(proxy)).Expired);

        Assert.Equal((60, 128L, 1L, 1L), (found.TtlSeconds, found.AgeSeconds, found.Same, found.Different));
        Assert.Equal(3, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task AnExpiredAnswer_ThatTheStoreHasThrownAway_IsFoundAllTheSame()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Exact:TtlSeconds"] = "60", ["Exact:KeepStaleSeconds"] = "0" });
        for (int i = 0; i < 3; i++)
        {
            await proxy.AskAsync();
            // So that the clock stands still until it is noted.
            await ReadAsync(proxy);
            proxy.Clock.Advance(TimeSpan.FromSeconds(100));
        }

        FindingsReport report = await ReadAsync(proxy);

        Assert.Equal((60, 2L, 0L), (Assert.Single(report.Expired).TtlSeconds, report.Expired[0].Same, report.Expired[0].Different));
        Assert.Equal(2, report.Misses.Single(miss => miss.Kind == "expired").Count);
    }

    [Fact]
    public async Task Refreshes_AreNoMisses()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Exact:TtlSeconds"] = "60", ["Exact:StaleWhileRevalidateSeconds"] = "600" });
        await proxy.AskAsync();
        await ReadAsync(proxy);
        proxy.Clock.Advance(TimeSpan.FromSeconds(90));
        await proxy.AskAsync();
        await Wait.UntilAsync(async () => (await proxy.AskAsync()).CacheStatus!.StartsWith("CacheProxy; hit; detail=exact", StringComparison.Ordinal), "a fresh entry");
        await proxy.AskAsync("another");

        await Wait.UntilAsync(async () => (await ReadAsync(proxy, isOn: false)).Misses.Sum(miss => miss.Count) == 2, "both misses");
        FindingsReport report = await ReadAsync(proxy, isOn: false);
        Assert.Equal(("new", 2L), (Assert.Single(report.Misses).Kind, report.Misses[0].Count));
        Assert.Equal(3, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Findings_OfAMachineOfOnesOwn_HaveItsTimesPrice()
    {
        await using ScriptedUpstream own = await ScriptedUpstream.StartAsync();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new()
        {
            ["Exact:TtlSeconds"] = "60",
            ["Ledger:MachinePricePerHour"] = "3600",
            ["Upstreams:0:Name"] = "own",
            ["Upstreams:0:Kind"] = "vllm",
            ["Upstreams:0:BaseUrl"] = own.Url,
        });
        own.Script = (context, _) =>
        {
            proxy.Clock.Advance(TimeSpan.FromSeconds(2));
            return Answers.ObjectAsync(context, "hello");
        };
        for (int i = 1; i <= 2; i++)
        {
            await proxy.AskAsync();
            await Wait.UntilAsync(async () => (await ReadAsync(proxy, isOn: false)).Misses.Sum(miss => miss.Count) == i, "the miss");
            proxy.Clock.Advance(TimeSpan.FromSeconds(100));
        }

        ExpiredAnswers found = Assert.Single((await ReadAsync(proxy, isOn: false)).Expired);

        // Two seconds at a dollar a second.
        Assert.Equal((1L, 0L, 2_000_000_000L), (found.Same, found.Unpriced, found.Nanodollars));
    }

    [Fact]
    public async Task Misses_AreCounted_ByWhatKeptThemFromAHit()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync("new");
        await proxy.AskAsync("new");
        await proxy.AskAsync("warm", extra: ",\"temperature\":1.5");
        await proxy.AskAsync("private", headers: ("Cache-Control", "no-store"));
        proxy.Upstream.Script = (context, _) => Answers.ObjectAsync(context, "");
        await proxy.AskAsync("empty");

        Dictionary<string, long> counts = (await ReadAsync(proxy)).Misses.ToDictionary(one => $"{one.Kind} {one.Reason}".Trim(), one => one.Count);

        Assert.Equal(new Dictionary<string, long> { ["new"] = 1, ["bypass temperature"] = 1, ["bypass no_store_requested"] = 1, ["not_stored empty"] = 1 }, counts);
    }

    [Fact]
    public async Task Findings_WithTheLedgerOff_AreNone()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Ledger:Enabled"] = "false" });
        await proxy.AskAsync("new");

        Assert.Equal(FindingsReport.Empty, await ReadAsync(proxy, isOn: false));
    }

    private static string Prompt(string system, string question)
        => $$"""{"model":"m","messages":[{"role":"system","content":"{{system}}"},{"role":"user","content":"{{question}}"}]}""";

    private static async Task<FindingsReport> ReadAsync(ProxyUnderTest proxy, bool isOn = true)
    {
        var recorder = proxy.Services.GetRequiredService<FindingsRecorder>();
        var reader = new FindingsReader(Path.Combine(Path.GetDirectoryName(proxy.ConfigurationPath)!, FindingsFile.FileName));
        FindingsReport found = FindingsReport.Empty;
        // A request's note is taken after its answer has left: as many as went upstream are waited for.
        for (int tries = 0; tries < 2000; tries++)
        {
            await recorder.FlushAsync();
            found = reader.Read(new FindingsFilter(DateOnly.MinValue, DateOnly.MaxValue));
            if (!isOn || found.Misses.Sum(miss => miss.Count) >= proxy.Upstream.Calls)
            {
                return found;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        return found;
    }

    private static string ReadShared(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), System.Text.Encoding.Latin1);
        return reader.ReadToEnd();
    }
}
