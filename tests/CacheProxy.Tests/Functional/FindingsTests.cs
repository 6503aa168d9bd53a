using CacheProxy.Ledger.Findings;
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
