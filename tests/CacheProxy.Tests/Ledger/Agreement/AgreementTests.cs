using System.Globalization;
using System.Text.Json;
using CacheProxy.Ledger;

namespace CacheProxy.Tests.Ledger.Agreement;

/// <summary>
/// The same figures everywhere: 100,000 requests with known truth go through the real ledger, with restarts, rows that are merged and a clock that is put
/// back and forward; then the reader, the dashboard, <c>/metrics</c> and the report must all say the truth, to the nanodollar.
/// </summary>
public sealed class AgreementTests
{
    private const int Requests = 100_000;
    // Half of what the queue holds: a real second has fewer, and here each comes minutes after the one before, so that little can be merged.
    private const int Burst = 8_000;
    private const int Seed = 20260322;

    // Places of restarts among the requests; the third life merges most of its rows.
    private static readonly (int Until, int RowsPerSecond)[] Lives = [(30_000, 1_000_000), (45_000, 1_000_000), (60_000, 500), (Requests, 1_000_000)];

    [Fact]
    public async Task AllSurfaces_OverRangesOddAndEven_SayTheTruthToTheNanodollar()
    {
        await using var host = new AgreementHost();
        Truth truth = await ReplayAsync(host);

        foreach ((DateTimeOffset from, DateTimeOffset to, string zone) in Ranges())
        {
            await CheckReaderAsync(host, truth, from, to);
            await CheckDashboardAsync(host, truth, from, to);
            await CheckReportAsync(host, truth, from, to, zone);
        }

        foreach ((DateTimeOffset from, DateTimeOffset to) in KeyRanges())
        {
            await CheckKeysAsync(host, truth, from, to);
        }

        await CheckExportAsync(host, truth, At("2026-03-22T00:00Z"), At("2026-04-04T00:00Z"), "jsonl");
        await CheckExportAsync(host, truth, At("2026-03-29T13:37Z"), At("2026-03-31T04:11Z"), "csv");
    }

    [Fact]
    public async Task Days_OfAZoneWhoseClocksChange_HaveTheirHours_OnEverySurface()
    {
        await using var host = new AgreementHost();
        // Around the last Sunday of October, which has 25 hours in Berlin; the one of March, with 23, is in the other test.
        var start = new DateTimeOffset(2026, 10, 20, 1, 2, 3, TimeSpan.Zero);
        var truth = new Truth();
        host.Clock.SetUtcNow(start);
        await host.StartAsync(1_000_000);
        foreach (SyntheticRequest request in new SyntheticTraffic(Seed, 6000, start).Requests())
        {
            host.Clock.SetUtcNow(request.Row.Time);
            host.Ledger.Add(request.Row);
            truth.Add(request);
        }

        await host.SettleAsync();
        DateTimeOffset from = At("2026-10-23T22:00Z"), to = At("2026-10-26T23:00Z");
        JsonElement report = JsonDocument.Parse(await host.RunAsync("report", "--json", "--since", "2026-10-24", "--until", "2026-10-27", "--time-zone", "Europe/Berlin")).RootElement;
        JsonElement series = await host.GetAsync($"/dashboard/api/series?from=2026-10-23T22:00:00Z&to=2026-10-26T23:00:00Z&step=1d&tz=Europe/Berlin");

        DateTimeOffset[] days = [from, At("2026-10-24T22:00Z"), At("2026-10-25T23:00Z"), to];
        Assert.Equal(days[..3], report.GetProperty("days").EnumerateArray().Select(day => day.GetProperty("start").GetDateTimeOffset()));
        Assert.Equal(days[..3].Select(day => day.ToUnixTimeSeconds()), series.GetProperty("times").EnumerateArray().Select(time => time.GetInt64()));
        for (int i = 0; i < 3; i++)
        {
            FigureSums sum = truth.Sum(days[i], days[i + 1]);
            Assert.Equal(sum, FigureSums.OfReport(report.GetProperty("days")[i].GetProperty("totals")));
            Assert.Equal((sum.Requests, sum.Paid), (series.GetProperty("series")[0].GetProperty("requests")[i].GetInt64(), series.GetProperty("series")[0].GetProperty("paid_usd")[i].GetDecimal() * 1_000_000_000));
        }

        Assert.Equal(25, (days[2] - days[1]).TotalHours);
        Assert.True(truth.Sum(days[1], days[2]).Requests > truth.Sum(days[1], days[1].AddHours(24)).Requests);
    }

    private static async Task<Truth> ReplayAsync(AgreementHost host)
    {
        var truth = new Truth();
        var traffic = new SyntheticTraffic(Seed, Requests, SyntheticTraffic.Start);
        using IEnumerator<SyntheticRequest> requests = traffic.Requests().GetEnumerator();
        foreach ((int until, int rowsPerSecond) in Lives)
        {
            int first = truth.Count;
            await host.StartAsync(rowsPerSecond);
            while (truth.Count < until && requests.MoveNext())
            {
                host.Clock.SetUtcNow(requests.Current.Row.Time);
                host.Ledger.Add(requests.Current.Row);
                truth.Add(requests.Current);
                if (truth.Count % Burst == 0)
                {
                    await host.SettleAsync();
                }
            }

            CheckMetrics(await host.TextAsync("/metrics"), truth.ByModelSince(first));
            await host.SettleAsync();
            Assert.Equal(0, host.Ledger.Lost);
            Assert.Equal(rowsPerSecond < Requests, host.Ledger.Merged > 0);
            await host.StopAsync();
        }

        // Read by a process that saw none of it.
        await host.StartAsync(1_000_000);
        return truth;
    }

    // Minutes are kept for eight days, hours for longer: what is older than that is asked for by whole hours.
    private static IEnumerable<(DateTimeOffset From, DateTimeOffset To, string Zone)> Ranges()
    {
        yield return (At("2026-03-22T00:00Z"), At("2026-04-04T00:00Z"), "UTC");
        yield return (At("2026-03-23T07:00Z"), At("2026-03-27T19:00Z"), "Asia/Kathmandu");
        // A local day of 23 hours.
        yield return (At("2026-03-28T23:00Z"), At("2026-03-29T22:00Z"), "Europe/Berlin");
        // Around the clock that was put back, and the day that was left out.
        yield return (At("2026-03-26T09:00Z"), At("2026-03-26T17:00Z"), "America/New_York");
        yield return (At("2026-03-29T13:37Z"), At("2026-03-31T04:11Z"), "Europe/Berlin");
        yield return (At("2026-04-01T11:11Z"), At("2026-04-01T11:12Z"), "UTC");
        // Nothing happened yet.
        yield return (At("2026-01-01T00:00Z"), At("2026-01-02T00:00Z"), "UTC");
    }

    private static async Task CheckReaderAsync(AgreementHost host, Truth truth, DateTimeOffset from, DateTimeOffset to)
    {
        var filter = new LedgerFilter(from, to);
        Assert.Equal(truth.Sum(from, to), FigureSums.Of(await host.Reader.TotalsAsync(filter, TestContext.Current.CancellationToken)));
        Assert.Equal(
            truth.Sum(from, to, "support", "gpt-large"),
            FigureSums.Of(await host.Reader.TotalsAsync(filter with { Tenant = "support", Model = "gpt-large" }, TestContext.Current.CancellationToken)));
        foreach (LedgerDimension by in new[] { LedgerDimension.Tenant, LedgerDimension.Model })
        {
            IReadOnlyList<LedgerGroup> groups = await host.Reader.GroupsAsync(filter, by, cancellationToken: TestContext.Current.CancellationToken);
            AssertSame(truth.By(by, from, to), groups.ToDictionary(group => group.Key, group => FigureSums.Of(group.Totals)));
        }
    }

    // By user and entry sums are kept by the day. A part of a day comes from its rows, which have no ids where they were merged: in the third life, on 27 and 28 March.
    private static IEnumerable<(DateTimeOffset From, DateTimeOffset To)> KeyRanges()
    {
        yield return (At("2026-03-22T00:00Z"), At("2026-04-04T00:00Z"));
        yield return (At("2026-03-27T00:00Z"), At("2026-03-30T00:00Z"));
        yield return (At("2026-03-31T07:21Z"), At("2026-04-02T19:03:07Z"));
    }

    private static async Task CheckKeysAsync(AgreementHost host, Truth truth, DateTimeOffset from, DateTimeOffset to)
    {
        foreach (LedgerDimension by in new[] { LedgerDimension.User, LedgerDimension.Entry })
        {
            IReadOnlyList<LedgerGroup> groups = await host.Reader.GroupsAsync(new LedgerFilter(from, to), by, limit: 100_000, cancellationToken: TestContext.Current.CancellationToken);
            AssertSame(truth.By(by, from, to), groups.ToDictionary(group => group.Key, group => FigureSums.Of(group.Totals)));
        }

        string range = $"from={from.ToUnixTimeSeconds()}&to={to.ToUnixTimeSeconds()}";
        JsonElement users = (await host.GetAsync($"/dashboard/api/groups?{range}&by=user&limit=100")).GetProperty("groups");
        AssertSame(truth.By(LedgerDimension.User, from, to), users.EnumerateArray().ToDictionary(group => group.GetProperty("key").GetString()!, group => FigureSums.OfDashboard(group.GetProperty("figures"))));
    }

    private static async Task CheckDashboardAsync(AgreementHost host, Truth truth, DateTimeOffset from, DateTimeOffset to)
    {
        string range = $"from={from.ToUnixTimeSeconds()}&to={to.ToUnixTimeSeconds()}";
        Assert.Equal(truth.Sum(from, to), FigureSums.OfDashboard((await host.GetAsync($"/dashboard/api/summary?{range}")).GetProperty("totals")));
        foreach (string tenant in truth.Tenants)
        {
            JsonElement summary = await host.GetAsync($"/dashboard/api/summary?{range}&tenant={Uri.EscapeDataString(tenant)}&model=gpt-small");
            Assert.Equal(truth.Sum(from, to, tenant, "gpt-small"), FigureSums.OfDashboard(summary.GetProperty("totals")));
        }

        foreach (LedgerDimension by in new[] { LedgerDimension.Tenant, LedgerDimension.Model })
        {
            JsonElement groups = (await host.GetAsync($"/dashboard/api/groups?{range}&by={by.ToString().ToLowerInvariant()}&limit=100")).GetProperty("groups");
            AssertSame(truth.By(by, from, to), groups.EnumerateArray().ToDictionary(group => group.GetProperty("key").GetString()!, group => FigureSums.OfDashboard(group.GetProperty("figures"))));
        }

        if (to - from <= TimeSpan.FromDays(40))
        {
            JsonElement series = Assert.Single((await host.GetAsync($"/dashboard/api/series?{range}&step=1h")).GetProperty("series").EnumerateArray());
            FigureSums sum = truth.Sum(from, to);
            Assert.Equal((sum.Paid, sum.Saved, sum.Requests), (Usd(series, "paid_usd"), Usd(series, "saved_usd"), series.GetProperty("requests").EnumerateArray().Sum(one => one.GetInt64())));
        }
    }

    private static async Task CheckReportAsync(AgreementHost host, Truth truth, DateTimeOffset from, DateTimeOffset to, string zone)
    {
        JsonElement report = JsonDocument.Parse(await host.RunAsync("report", "--json", "--since", Text(from), "--until", Text(to), "--time-zone", zone)).RootElement;
        Assert.Equal(truth.Sum(from, to), FigureSums.OfReport(report.GetProperty("totals")));
        AssertSame(truth.By(LedgerDimension.Tenant, from, to), Groups(report, "tenants"));
        AssertSame(truth.By(LedgerDimension.Model, from, to), Groups(report, "models"));
        Assert.Equal(truth.Sum(from, to), report.GetProperty("days").EnumerateArray().Aggregate(default(FigureSums), (sum, day) => sum + FigureSums.OfReport(day.GetProperty("totals"))));
        string text = await host.RunAsync("report", "--since", Text(from), "--until", Text(to), "--time-zone", zone);
        CheckText(text, truth.Sum(from, to));
        string tenant = "Zoë's team";
        JsonElement one = JsonDocument.Parse(await host.RunAsync("report", "--json", "--since", Text(from), "--until", Text(to), "--tenant", tenant)).RootElement;
        Assert.Equal(truth.Sum(from, to, tenant), FigureSums.OfReport(one.GetProperty("totals")));
    }

    private static async Task CheckExportAsync(AgreementHost host, Truth truth, DateTimeOffset from, DateTimeOffset to, string format)
    {
        string path = host.FileIn("export." + format);
        await host.RunAsync("ledger", "export", "--format", format, "--since", Text(from), "--until", Text(to), "--out", path);
        Dictionary<string, FigureSums> tenants = [], models = [];
        foreach (ExportedRow row in format == "csv" ? ExportedRow.OfCsv(path) : ExportedRow.OfJsonLines(path))
        {
            tenants[row.Tenant] = tenants.GetValueOrDefault(row.Tenant) + row.Sums;
            models[row.Model] = models.GetValueOrDefault(row.Model) + row.Sums;
        }

        AssertSame(truth.By(LedgerDimension.Tenant, from, to), tenants);
        AssertSame(truth.By(LedgerDimension.Model, from, to), models);
    }

    // The first row of the first table: requests, hit rate, saved, spent, own work, net. As many digits as are shown are right.
    private static void CheckText(string text, FigureSums sum)
    {
        if (sum.Requests + sum.BackgroundCalls == 0)
        {
            Assert.Contains("No requests.", text, StringComparison.Ordinal);
            return;
        }

        string[] lines = text.Split('\n');
        string[] cells = lines[Array.FindIndex(lines, line => line.StartsWith("REQUESTS", StringComparison.Ordinal)) + 1].Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(sum.Requests, long.Parse(cells[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture));
        decimal own = sum.Overhead + sum.BackgroundPaid;
        foreach ((string cell, decimal nanodollars) in new[] { (cells[2], sum.Saved), (cells[3], sum.Paid), (cells[4], own), (cells[5], sum.Saved - own) })
        {
            string digits = cell.Replace(" + ?", "", StringComparison.Ordinal).Replace("$", "", StringComparison.Ordinal);
            int places = digits.Length - digits.IndexOf('.', StringComparison.Ordinal) - 1;
            Assert.InRange(places, 2, 9);
            Assert.Equal(Math.Round(nanodollars / 1_000_000_000, places, MidpointRounding.AwayFromZero), decimal.Parse(digits, NumberStyles.Number, CultureInfo.InvariantCulture));
        }
    }

    private static void CheckMetrics(string text, Dictionary<string, FigureSums> truth)
    {
        foreach ((string model, FigureSums sums) in truth)
        {
            Assert.Equal((model, sums.Paid, sums.Saved, sums.Overhead), (model, Metric(text, "cost_spent", model), Metric(text, "cost_saved", model), Metric(text, "cost_overhead", model)));
            Assert.Equal((model, sums.Unpriced, sums.Part), (model, Count(text, "cost_unknown", model), Count(text, "cost_part", model)));
        }
    }

    private static long Count(string text, string name, string model) => (long)(Metric(text, name, model) / 1_000_000_000);

    // Of all label sets with the model; US dollars as they are written, in nanodollars.
    private static decimal Metric(string text, string name, string model)
        => (from line in text.Split('\n')
            where line.StartsWith($"cacheproxy_{name}", StringComparison.Ordinal) && line.Contains($"gen_ai_request_model=\"{model}\"", StringComparison.Ordinal)
            select Math.Round(decimal.Parse(line[(line.LastIndexOf(' ') + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture) * 1_000_000_000)).Sum();

    private static Dictionary<string, FigureSums> Groups(JsonElement report, string name)
        => report.GetProperty(name).EnumerateArray().ToDictionary(group => group.GetProperty("key").GetString()!, group => FigureSums.OfReport(group.GetProperty("totals")));

    private static void AssertSame(Dictionary<string, FigureSums> truth, Dictionary<string, FigureSums> said)
        => Assert.Equal(truth.OrderBy(pair => pair.Key, StringComparer.Ordinal), said.OrderBy(pair => pair.Key, StringComparer.Ordinal));

    private static decimal Usd(JsonElement series, string name) => series.GetProperty(name).EnumerateArray().Sum(one => one.GetDecimal()) * 1_000_000_000;

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);
}
