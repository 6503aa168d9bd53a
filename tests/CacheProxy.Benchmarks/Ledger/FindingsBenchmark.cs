using System.Diagnostics;
using System.Text;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Readers;
using CacheProxy.Ledger.Findings;
using CacheProxy.Pipeline;
using CacheProxy.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Benchmarks.Ledger;

/// <summary>
/// What taking note of a miss costs, behind it: of the first fifty of a second, whose prompt and answer are read, and of those beyond. Prompts of 3 KB whose
/// beginning changes, answers streamed in 200 pieces. Validated first: prompts and misses are found.
/// </summary>
internal sealed class FindingsBenchmark : IBenchmark
{
    private const int PerSecond = 50;
    private const int Rounds = 40;

    private static readonly string Rules = string.Concat(Enumerable.Range(0, 120).Select(i => $"Rule {i * 7919 % 1000}: be brief. "));

    public string Name => "findings";

    public string Summary => "microseconds and bytes that a miss's findings cost, read and not read";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("cacheproxy-findings-");
        var clock = new FakeTimeProvider();
        string settings = Path.Combine(folder.FullName, "cacheproxy.json");
        await File.WriteAllTextAsync(
            settings, $$"""{"Data":{"Path":"{{folder.FullName}}"},"Backend":{"Mode":"none"},"Semantic":{"Policy":"off"},"Server":{"Url":"http://127.0.0.1:0"} }""", cancellationToken);
        await using WebApplication app = CacheProxyApplication.Build(
            ["--config", settings],
            builder =>
            {
                builder.Logging.ClearProviders();
                builder.Services.AddSingleton<TimeProvider>(clock);
            });
        await app.StartAsync(cancellationToken);
        FindingsRecorder recorder = app.Services.GetRequiredService<FindingsRecorder>();
        ExchangeFeature[] misses = [.. Enumerable.Range(0, PerSecond * 20).Select(Miss)];
        await ValidateAsync(recorder, misses, clock, folder.FullName);
        (double read, double readBytes) = Measure(recorder, misses[..PerSecond], clock);
        (double passed, double passedBytes) = Measure(recorder, misses[PerSecond..], null);
        Console.WriteLine($"read: {read:F1} us, {readBytes:F0} bytes a miss; not read: {passed:F2} us, {passedBytes:F0} bytes; {PerSecond} a second read are {PerSecond * read / 10_000:F2} % of a core");
        await app.StopAsync(cancellationToken);
        folder.Delete(recursive: true);
    }

    private static async Task ValidateAsync(FindingsRecorder recorder, ExchangeFeature[] misses, FakeTimeProvider clock, string folder)
    {
        clock.Advance(TimeSpan.FromSeconds(1));
        Array.ForEach(misses[..PerSecond], recorder.Settled);
        await recorder.FlushAsync();
        FindingsReport found = new FindingsReader(Path.Combine(folder, FindingsFile.FileName)).Read(new FindingsFilter(DateOnly.MinValue, DateOnly.MaxValue));
        if (found.Misses.Sum(miss => miss.Count) != PerSecond || found.VolatilePrefixes.Sum(prefix => prefix.Prompts) != PerSecond - 1)
        {
            throw new InvalidOperationException($"{found.Misses.Sum(miss => miss.Count)} misses and {found.VolatilePrefixes.Sum(prefix => prefix.Prompts)} prompts were found.");
        }
    }

    /// <param name="clock">Null: it stands still, and nothing is read any more.</param>
    private static (double Microseconds, double Bytes) Measure(FindingsRecorder recorder, ExchangeFeature[] misses, FakeTimeProvider? clock)
    {
        var times = new List<double>();
        double bytes = 0;
        for (int round = 0; round < Rounds; round++)
        {
            clock?.Advance(TimeSpan.FromSeconds(1));
            Array.ForEach(misses, Renew);
            long before = GC.GetAllocatedBytesForCurrentThread(), started = Stopwatch.GetTimestamp();
            Array.ForEach(misses, recorder.Settled);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds / misses.Length);
            bytes = (double)(GC.GetAllocatedBytesForCurrentThread() - before) / misses.Length;
        }

        times.Sort();
        return (times[Rounds / 2], bytes);
    }

    // An answer that was read once is remembered for a while.
    private static void Renew(ExchangeFeature miss)
    {
        CacheEntry entry = miss.Recorded!;
        miss.Recorded = entry with { Answer = (entry.Answer with { Events = entry.Answer.Events }).WithoutList() };
    }

    private static ExchangeFeature Miss(int number)
    {
        byte[] hash = new byte[Fingerprint256.SizeBytes];
        new Random(number).NextBytes(hash);
        string chunks = string.Concat(Enumerable.Range(0, 200).Select(i =>
            "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word" + i + "\"},\"finish_reason\":null}]}\n\n"));
        var body = new RecordedBody(
            Dialect.OpenAIChat, true, false, "text/event-stream",
            Encoding.UTF8.GetBytes(chunks + "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"));
        return new ExchangeFeature
        {
            Dialect = Dialect.OpenAIChat,
            Scope = new Scope(default),
            Body = Encoding.UTF8.GetBytes($$"""{"model":"m","messages":[{"role":"system","content":"It is now 10:05:{{number % 60:00}}.{{number}}. {{Rules}}"},{"role":"user","content":"question {{number}}"}]}"""),
            Fingerprint = new Fingerprint256(hash),
            Facts = new RequestFacts { Model = "m", MessageCount = 2, IsStream = true },
            Usage = new TokenCounts(900, 200),
            Recorded = new CacheEntry
            {
                Id = number.ToString("x32", null),
                Fingerprint = new Fingerprint256(hash),
                Scope = "s",
                Namespace = "",
                Model = "m",
                CreatedAt = DateTimeOffset.UnixEpoch,
                TtlSeconds = 3600,
                Answer = AnswerReaders.TryRead(body)!.WithoutList(),
            },
        };
    }
}
