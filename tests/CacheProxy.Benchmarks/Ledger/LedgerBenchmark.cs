using System.Diagnostics;
using System.Globalization;
using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Files;
using CacheProxy.Ledger.Reading;
using CacheProxy.Ledger.Writing;

namespace CacheProxy.Benchmarks.Ledger;

/// <summary>30 days of 10,000,000 requests in the ledger's file: how fast they are written, how much room they take, and how long the dashboard waits for its figures.</summary>
internal sealed class LedgerBenchmark : IBenchmark
{
    private const int BatchRows = 16_384;
    private const int Days = 30;

    private static readonly DateTimeOffset End = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);

    public string Name => "ledger";

    public string Summary => "rows written a second, bytes on disk, and the dashboard's questions over 30 days of --rows 10000000 [--times 20]";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        int rows = Arguments.Number(arguments, "--rows", 10_000_000), times = Arguments.Number(arguments, "--times", 20);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("cacheproxy-ledger-");
        try
        {
            var traffic = new LedgerTraffic(End.AddDays(-Days), TimeSpan.FromDays(Days), rows);
            Write(folder.FullName, traffic, rows, cancellationToken);
            var reader = new LedgerReader(folder.FullName);
            await ValidateAsync(reader, traffic, cancellationToken);
            await AskAsync(reader, times, cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Write(string folder, LedgerTraffic traffic, int rows, CancellationToken cancellationToken)
    {
        string path = Path.Combine(folder, LedgerFile.FileName);
        var keeps = new LedgerOptions();
        var batch = new LedgerBatch(BatchRows);
        long trims = 0, writes = 0;
        DateTimeOffset day = default;
        using (var tables = new LedgerTables(path))
        {
            for (int i = 0; i < rows; i++)
            {
                LedgerRow row = traffic.Next();
                batch.Add(row, apart: true);
                if (batch.Rows.Count < BatchRows && i + 1 < rows)
                {
                    continue;
                }

                cancellationToken.ThrowIfCancellationRequested();
                long started = Stopwatch.GetTimestamp();
                tables.Write(batch);
                batch.Clear();
                writes += Stopwatch.GetTimestamp() - started;
                started = Stopwatch.GetTimestamp();
                if (row.Time.Date != day.Date)
                {
                    while (tables.Trimmer.Trim(row.Time, keeps))
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                    }
                }

                trims += Stopwatch.GetTimestamp() - started;
                day = row.Time;
            }
        }

        double seconds = writes / (double)Stopwatch.Frequency;
        long bytes = new FileInfo(path).Length;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{rows} rows, written one by one with their sums: {rows / seconds:F0} rows/s; trimming {trims / (double)Stopwatch.Frequency:F0} s in all; {bytes / 1e6:F0} MB, {bytes / (rows / 1e6) / 1e6:F0} MB per million rows"));
    }

    private static async Task ValidateAsync(LedgerReader reader, LedgerTraffic traffic, CancellationToken cancellationToken)
    {
        LedgerTotals totals = await reader.TotalsAsync(new LedgerFilter(End.AddDays(-Days), End), cancellationToken);
        LedgerTotals part = await reader.TotalsAsync(new LedgerFilter(End.AddDays(-Days), End) { Tenant = LedgerTraffic.TenantAt(0) }, cancellationToken);
        IReadOnlyList<LedgerGroup> top = await reader.GroupsAsync(new LedgerFilter(End.AddDays(-Days), End), LedgerDimension.Entry, limit: 1, cancellationToken: cancellationToken);
        (long, long, long, long, long) expected = (traffic.Requests, traffic.Paid, traffic.Avoided, traffic.RequestsOfFirstTenant, traffic.HitsOfFirstEntry);
        (long, long, long, long, long) found = (totals.Requests, totals.Paid.Nanodollars, totals.Avoided.Nanodollars, part.Requests, top[0].Totals.Requests);
        if (expected != found)
        {
            throw new InvalidOperationException($"The ledger's sums are {found}, the traffic's {expected}.");
        }
    }

    private static async Task AskAsync(LedgerReader reader, int times, CancellationToken cancellationToken)
    {
        var random = new Random(7);
        (string Name, Func<LedgerFilter, Task> Ask)[] questions =
        [
            ("totals", filter => reader.TotalsAsync(filter, cancellationToken)),
            ("totals of a tenant", filter => reader.TotalsAsync(filter with { Tenant = LedgerTraffic.TenantAt(3) }, cancellationToken)),
            ("totals of a model and outcome", filter => reader.TotalsAsync(filter with { Model = "model-1", Outcome = CacheOutcome.Exact }, cancellationToken)),
            ("by the hour", filter => reader.SeriesAsync(filter, TimeSpan.FromHours(1), cancellationToken: cancellationToken)),
            ("by the hour, a tenant's", filter => reader.SeriesAsync(filter with { Tenant = LedgerTraffic.TenantAt(3) }, TimeSpan.FromHours(1), cancellationToken: cancellationToken)),
            ("by the hour, of tenant and model", filter => reader.SeriesAsync(filter with { Tenant = LedgerTraffic.TenantAt(3), Model = "model-1" }, TimeSpan.FromHours(1), cancellationToken: cancellationToken)),
            ("by 6 hours and outcome", filter => reader.SeriesAsync(filter, TimeSpan.FromHours(6), LedgerDimension.Outcome, cancellationToken: cancellationToken)),
            ("by the day and tenant, in Berlin", filter => reader.SeriesAsync(filter, TimeSpan.FromDays(1), LedgerDimension.Tenant, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"), cancellationToken)),
            ("by tenant", filter => reader.GroupsAsync(filter, LedgerDimension.Tenant, cancellationToken: cancellationToken)),
            ("by model", filter => reader.GroupsAsync(filter, LedgerDimension.Model, cancellationToken: cancellationToken)),
            ("by upstream", filter => reader.GroupsAsync(filter, LedgerDimension.Upstream, cancellationToken: cancellationToken)),
            ("top prompts", filter => reader.GroupsAsync(filter, LedgerDimension.Entry, LedgerOrder.Avoided, 20, cancellationToken)),
            ("top prompts of a tenant", filter => reader.GroupsAsync(filter with { Tenant = LedgerTraffic.TenantAt(3) }, LedgerDimension.Entry, LedgerOrder.Avoided, 20, cancellationToken)),
            ("top users of a model", filter => reader.GroupsAsync(filter with { Model = "model-1" }, LedgerDimension.User, LedgerOrder.Paid, 20, cancellationToken)),
            ("top prefixes", filter => reader.GroupsAsync(filter, LedgerDimension.Prefix, LedgerOrder.Requests, 20, cancellationToken)),
            ("top users", filter => reader.GroupsAsync(filter, LedgerDimension.User, LedgerOrder.Paid, 20, cancellationToken)),
            ("last 100 requests", async filter => await reader.RowsAsync(filter, newestFirst: true, limit: 100, cancellationToken: cancellationToken).CountAsync(cancellationToken)),
        ];
        foreach ((string name, Func<LedgerFilter, Task> ask) in questions)
        {
            var seconds = new List<double>();
            TimeSpan worked = Environment.CpuUsage.TotalTime;
            for (int i = 0; i < times; i++)
            {
                // A range begins and ends in the middle of a minute, as a dashboard's does.
                DateTimeOffset to = End.AddSeconds(-random.NextDouble() * 3600);
                long started = Stopwatch.GetTimestamp();
                await ask(new LedgerFilter(to.AddDays(-Days).AddHours(1), to));
                seconds.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
            }

            worked = Environment.CpuUsage.TotalTime - worked;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {name,-34} p50 {Statistics.Percentile(seconds, 0.5) * 1e3,7:F1} ms, p95 {Statistics.Percentile(seconds, 0.95) * 1e3,7:F1} ms, {worked.TotalMilliseconds / times,7:F1} ms of CPU each"));
        }

        Console.WriteLine("bar: p95 300 ms");
    }
}
