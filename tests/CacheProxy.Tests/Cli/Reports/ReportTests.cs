using System.Text.Json;
using System.Xml.Linq;
using CacheProxy.Cli.Reports;
using CacheProxy.Exchange;
using CacheProxy.Ledger.Findings;
using CacheProxy.TestKit;
using CacheProxy.Tests.Ledger;

namespace CacheProxy.Tests.Cli.Reports;

public sealed class ReportTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cacheproxy-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Read_KnownRows_GivesTheirSums()
    {
        ReportData data = await ReadAsync();

        Assert.Equal((39, 9, 3, 6, 20), (data.Totals.Requests, data.Totals.RequestsOf(CacheOutcome.Exact), data.Semantic.Requests, data.Totals.RequestsOf(CacheOutcome.Miss), data.Totals.RequestsOf(CacheOutcome.Bypass)));
        Assert.Equal(24_000_000, data.Totals.Avoided.Nanodollars);
        Assert.Equal(14_000_000, data.Totals.Paid.Nanodollars);
        Assert.Equal((24_000_000 - 120 - 2_000_000), data.Totals.Net.Nanodollars);
        Assert.Equal((20, 1), (data.Totals.RequestsOfUnknownPrice, data.Totals.RequestsOfPartPrice));
        Assert.Equal([12L, 26, 1], data.Days.Select(day => day.Totals.Requests));
        Assert.Equal(24, (data.Days[1].Start - data.Days[0].Start).TotalHours);
        Assert.Equal(23, (data.Days[2].Start - data.Days[1].Start).TotalHours);
        Assert.Equal("home-made", Assert.Single(data.Unpriced).Key);
    }

    [Fact]
    public async Task Advice_OfWhatWasFound_NamesSettingsAndEffects()
    {
        IReadOnlyList<Advice> advice = (await ReadAsync()).Advice;

        Advice prefix = advice.Single(one => one.Kind == "volatile_prefix");
        Assert.Equal((18_000_000L, 20_000L, 12.5), (prefix.Effect!.Value.Nanodollars, prefix.Tokens, prefix.Seconds));
        Advice ttl = advice.Single(one => one.Kind == "ttl");
        // Up to 8,192 seconds only 10 of 19 answers had stayed the same.
        Assert.Equal("""Exact:Rules: { "Model": "small", "TtlSeconds": 4096 }""", ttl.Setting);
        Assert.Equal((9L, 18_000_000L), (ttl.Requests, ttl.Effect!.Value.Nanodollars));
        Advice idle = advice.Single(one => one.Kind == "never_hits");
        Assert.Equal(("Exact:MaxTemperature", 20L), (idle.Setting, idle.Requests));
        Assert.StartsWith("Never a hit: route warm, model home-made, tenant search <b>.", idle.Title, StringComparison.Ordinal);
        Assert.Contains("unknown paid", idle.Because, StringComparison.Ordinal);
        Assert.Equal(6, advice.Single(one => one.Kind == "threshold").Requests);
        Assert.Contains("Ledger:Prices", advice.Single(one => one.Kind == "price").Setting, StringComparison.Ordinal);
        Assert.DoesNotContain(advice, one => one.Kind == "overhead");
    }

    [Fact]
    public async Task Text_OfTheSmallLedger_IsTheGoldenOne()
    {
        using var text = new StringWriter();
        ReportText.Write(text, await ReadAsync());
        Golden("report.txt", text.ToString());
    }

    [Fact]
    public async Task Html_OfTheSmallLedger_IsTheGoldenOne()
    {
        using var text = new StringWriter();
        ReportHtml.Write(text, await ReadAsync());
        Golden("report.html", text.ToString());
    }

    [Fact]
    public async Task Html_NeedsNothingElse_AndNothingGetsOutOfItsPlace()
    {
        using var text = new StringWriter();
        ReportHtml.Write(text, await ReadAsync());
        string page = text.ToString();

        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http:", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("https:", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("url(", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("search <b>", page, StringComparison.Ordinal);
        Assert.Contains("search &lt;b&gt;", page, StringComparison.Ordinal);
        Assert.Contains("<mark>10:05:34</mark>. &lt;You&gt; &amp; &quot;me&quot;", page, StringComparison.Ordinal);
        // Well-formed but for what HTML closes by itself.
        XDocument.Parse(page.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal).Replace("<br>", "<br/>", StringComparison.Ordinal)
            .Split('\n').Where(line => !line.StartsWith("<meta", StringComparison.Ordinal)).Aggregate((all, line) => all + "\n" + line));
    }

    [Fact]
    public async Task Json_OfTheSmallLedger_HasTheSameSums()
    {
        using var text = new MemoryStream();
        ReportJson.Write(text, await ReadAsync());
        JsonElement report = JsonDocument.Parse(text.ToArray()).RootElement;

        Assert.Equal(24_000_000, report.GetProperty("totals").GetProperty("saved_nanodollars").GetInt64());
        Assert.Equal(14_000_000, report.GetProperty("tenants").EnumerateArray().Sum(one => one.GetProperty("totals").GetProperty("paid_nanodollars").GetInt64()));
        Assert.Equal(14_000_000, report.GetProperty("days").EnumerateArray().Sum(one => one.GetProperty("totals").GetProperty("paid_nanodollars").GetInt64()));
        Assert.Equal("date_time", report.GetProperty("volatile_prefixes")[0].GetProperty("class").GetString());
        Assert.Equal(JsonValueKind.Null, report.GetProperty("near_misses")[0].GetProperty("asked").ValueKind);
        Assert.Equal("What is 25% of 80?", report.GetProperty("near_misses")[1].GetProperty("asked").GetString());
    }

    [Fact]
    public async Task Read_DamagedFindings_SaysSoAndKeepsTheSums()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, FindingsFile.FileName), new string('x', 5000), TestContext.Current.CancellationToken);

        ReportData data = await ReportReader.ReadAsync(SmallLedger.Fill(), _folder.FullName, SmallLedger.Range, name => [name], TestContext.Current.CancellationToken);

        Assert.Contains(FindingsFile.FileName, Assert.Single(data.Gaps), StringComparison.Ordinal);
        Assert.Equal(14_000_000, data.Totals.Paid.Nanodollars);
    }

    [Fact]
    public async Task Text_OfNothing_SaysSo()
    {
        using var text = new StringWriter();
        ReportText.Write(text, await ReportReader.ReadAsync(new NaiveLedger(), _folder.FullName, SmallLedger.Range, name => [name], TestContext.Current.CancellationToken));
        Assert.Contains("No requests.", text.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;")]
    [InlineData("a\u0000b\u202Ec'\"&", "a\uFFFDb\uFFFDc&#39;&quot;&amp;")]
    [InlineData("\uD83D\uDE00é", "\uD83D\uDE00é")]
    public void Escape_WhatCouldBeMarkup_IsText(string text, string expected) => Assert.Equal(expected, HtmlWriter.Escape(text));

    [Fact]
    public void Escape_HalfASign_IsTheSignForIt() => Assert.Equal("a\uFFFDb", HtmlWriter.Escape("a\uD83Db"));

    private async Task<ReportData> ReadAsync()
    {
        SmallLedger.AddFindings(_folder.FullName);
        return await ReportReader.ReadAsync(SmallLedger.Fill(), _folder.FullName, SmallLedger.Range, name => [name], TestContext.Current.CancellationToken);
    }

    private static void Golden(string name, string actual)
    {
        actual = actual.ReplaceLineEndings("\n");
        string path = Repository.File("tests", "CacheProxy.Tests", "Cli", "Reports", "Fixtures", name);
        if (!File.Exists(path) || File.ReadAllText(path).ReplaceLineEndings("\n") != actual)
        {
            // For whoever changed the report on purpose: to be looked at, and copied over the old one.
            File.WriteAllText(Path.Combine(AppContext.BaseDirectory, name), actual);
        }

        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), actual);
    }
}
