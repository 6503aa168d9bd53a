using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using CacheProxy.Exchange;
using CacheProxy.Stores.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Benchmarks;

/// <summary>100,000 entries in the file behind the memory: look-ups with and without writes beside them, a restart to its first hit, room on disk.</summary>
internal sealed class SqliteBenchmark : IBenchmark
{
    private const int SeedsPerCall = 5000;
    private const int AnswerCharacters = 1500;
    private const int Lookups = 20_000;

    public string Name => "sqlite";

    public string Summary => "look-ups among --entries 100000 in SQLite, restart to first hit, bytes on disk";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        int entries = Arguments.Number(arguments, "--entries", 100_000);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("cacheproxy-sqlite-");
        try
        {
            using (ProxyProcess proxy = Start(folder.FullName))
            {
                await proxy.WaitUntilReadyAsync(cancellationToken);
                await SeedAsync(proxy, entries, cancellationToken);
                await ValidateAsync(proxy, entries, cancellationToken);
            }

            ReportDisk(folder, entries);
            await RestartAsync(folder.FullName, entries, cancellationToken);
            await LookUpAsync(folder.FullName, entries, cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static ProxyProcess Start(string folder) => new(
        new Dictionary<string, string>
        {
            ["CACHEPROXY__Backend__Mode"] = "none",
            ["CACHEPROXY__Semantic__Policy"] = "off",
            ["CACHEPROXY__Exact__MemoryMegabytes"] = "16",
        },
        folder);

    private static async Task SeedAsync(ProxyProcess proxy, int entries, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(5) };
        long started = Stopwatch.GetTimestamp();
        for (int first = 0; first < entries; first += SeedsPerCall)
        {
            var lines = new StringBuilder();
            for (int i = first; i < Math.Min(entries, first + SeedsPerCall); i++)
            {
                lines.Append(CultureInfo.InvariantCulture, $$"""{"model":"m{{i % 5}}","question":"question {{i}}","answer":"{{AnswerTo(i)}}","namespace":"n{{i % 20}}","tags":["t{{i % 1000}}"]}""").Append('\n');
            }

            using var content = new StringContent(lines.ToString(), Encoding.UTF8, new MediaTypeHeaderValue("application/x-ndjson"));
            using HttpResponseMessage response = await http.PostAsync(new Uri(proxy.Url, "/admin/seed"), content, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw new InvalidOperationException(await response.Content.ReadAsStringAsync(cancellationToken));
            }
        }

        Console.WriteLine($"{entries} entries seeded in {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s");
    }

    // Half noise, so that it compresses about as an answer does.
    private static string AnswerTo(int i)
    {
        var random = new Random(i);
        return string.Create(AnswerCharacters, random, static (text, random) =>
        {
            for (int at = 0; at < text.Length; at++)
            {
                text[at] = at % 2 == 0 ? (char)('a' + random.Next(26)) : ' ';
            }
        });
    }

    private static async Task ValidateAsync(ProxyProcess proxy, int entries, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        foreach (int i in new[] { 0, entries / 2, entries - 1 })
        {
            string body = await AskAsync(http, proxy, i, cancellationToken);
            if (!body.Contains(AnswerTo(i), StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"Entry {i} is not answered: {body}");
            }
        }
    }

    private static async Task<string> AskAsync(HttpClient http, ProxyProcess proxy, int i, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, proxy.ChatCompletions)
        {
            Content = new StringContent($$"""{"model":"m{{i % 5}}","messages":[{"role":"user","content":"question {{i}}"}]}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("X-CacheProxy-Namespace", $"n{i % 20}");
        request.Headers.TryAddWithoutValidation("Cache-Control", "only-if-cached");
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken);
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }

    private static void ReportDisk(DirectoryInfo folder, int entries)
    {
        long bytes = folder.EnumerateFiles("entries.db*").Sum(file => file.Length);
        Console.WriteLine($"on disk: {bytes / 1e6:F0} MB, {bytes / entries} bytes an entry, {(double)bytes / entries / AnswerCharacters:F2} of the answer's text");
    }

    private static async Task RestartAsync(string folder, int entries, CancellationToken cancellationToken)
    {
        var seconds = new List<double>();
        int late = 0;
        for (int run = 0; run < 5; run++)
        {
            long started = Stopwatch.GetTimestamp();
            using ProxyProcess proxy = Start(folder);
            await proxy.WaitUntilReadyAsync(cancellationToken);
            using var http = new HttpClient();
            int misses = 0;
            for (string body = ""; !body.Contains(AnswerTo(run), StringComparison.Ordinal); misses++)
            {
                body = await AskAsync(http, proxy, run, cancellationToken);
                if (Stopwatch.GetElapsedTime(started).TotalSeconds > 20)
                {
                    throw new InvalidOperationException($"No hit after a restart: {body}");
                }
            }

            seconds.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
            late += misses - 1;
        }

        Console.WriteLine($"restart of the process to its first hit among {entries}: {Statistics.Median(seconds):F2} s (median of {seconds.Count}; {late} look-ups before it were over their budget)");
    }

    private static async Task LookUpAsync(string folder, int entries, CancellationToken cancellationToken)
    {
        await using var store = new SqliteEntryStore(folder, 16L << 30, TimeProvider.System, NullLogger<SqliteEntryStore>.Instance);
        var known = new List<CacheEntry>();
        await foreach (CacheEntry entry in store.ReadAsync(EntrySelector.Everything, null, cancellationToken))
        {
            known.Add(entry);
        }

        if (known.Count != entries)
        {
            throw new InvalidOperationException($"{known.Count} of {entries} entries are there.");
        }

        List<double> quiet = await TimeAsync(store, known, cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task writing = WriteForeverAsync(store, known, stop.Token);
        List<double> busy = await TimeAsync(store, known, cancellationToken);
        await stop.CancelAsync();
        await writing;
        Console.WriteLine(
            $"look-up: p50 {Statistics.Median(quiet):F3} ms, p99 {Statistics.Percentile(quiet, 0.99):F3} ms; with 1,000 writes a second beside it "
            + $"p50 {Statistics.Median(busy):F3} ms, p99 {Statistics.Percentile(busy, 0.99):F3} ms "
            + $"(ratio {Statistics.Percentile(busy, 0.99) / Statistics.Percentile(quiet, 0.99):F2})");
    }

    private static async Task<List<double>> TimeAsync(SqliteEntryStore store, List<CacheEntry> known, CancellationToken cancellationToken)
    {
        var random = new Random(1);
        var times = new List<double>(Lookups);
        for (int i = 0; i < Lookups; i++)
        {
            CacheEntry expected = known[random.Next(known.Count)];
            long started = Stopwatch.GetTimestamp();
            CacheEntry? found = await store.GetAsync(expected.Fingerprint, cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            if (found?.Id != expected.Id)
            {
                throw new InvalidOperationException("A look-up gave another entry, or none.");
            }
        }

        return times;
    }

    // What is there is written again, so that every look-up goes on finding it.
    private static async Task WriteForeverAsync(SqliteEntryStore store, List<CacheEntry> known, CancellationToken cancellationToken)
    {
        var random = new Random(2);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                for (int i = 0; i < 10; i++)
                {
                    await store.SetAsync(known[random.Next(known.Count)], cancellationToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Measured enough.
        }
    }
}
