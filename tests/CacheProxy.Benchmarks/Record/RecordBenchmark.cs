using System.Diagnostics;
using System.Globalization;
using System.Text;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Policies;
using CacheProxy.Record;
using CacheProxy.Stores.Codec;
using CacheProxy.Stores.Memory;
using CacheProxy.Stores.Sqlite;
using CacheProxy.Tenancy;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CacheProxy.Benchmarks.Record;

/// <summary>
/// What a miss pays from the answer's bytes to the stores, part by part: reading and judging it, keeping it in memory, its layout, its row in
/// SQLite; and what one more entry in memory costs the garbage collector.
/// </summary>
internal sealed class RecordBenchmark : IBenchmark
{
    private const int PerBatch = 200;

    private static readonly RequestFacts Facts = new() { Model = "gpt-4o-mini" };

    private readonly EntryFactory _factory = new(
        new ScopeResolver(new InstallationSecret("bench", "", NullLogger<InstallationSecret>.Instance), new Fixed<TenantOptions>(new())), new Fixed<ExactOptions>(new()));

    private readonly Scope _scope = new(Fingerprint(0));

    public string Name => "record";

    public string Summary => "processor time and bytes of recording one answer, part by part [--entries 40000]";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        int entries = Arguments.Number(arguments, "--entries", 40_000);
        Validate();
        Report("read and judge", number => Make(number));
        CacheEntry[] made = [.. Enumerable.Range(0, PerBatch).Select(Make)];
        using (var memory = new MemoryEntryStore(1L << 30, TimeProvider.System))
        {
            Report("keep in memory", number => memory.Set(made[number % PerBatch]));
        }

        Report("lay out", number => EntryCodec.Encode(made[number % PerBatch]));
        Keep(entries);
        await WriteAsync(entries, cancellationToken);
    }

    // The best of many short batches: what else runs on the machine lengthens the others.
    private static void Report(string part, Action<int> once)
    {
        var seconds = new List<double>();
        long bytes = 0;
        for (int batch = 0; batch < 400; batch++)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long started = Stopwatch.GetTimestamp();
            for (int i = 0; i < PerBatch; i++)
            {
                once((batch * PerBatch) + i);
            }

            seconds.Add(Stopwatch.GetElapsedTime(started).TotalSeconds / PerBatch);
            bytes = (GC.GetAllocatedBytesForCurrentThread() - allocated) / PerBatch;
        }

        Console.WriteLine($"{part,-16} {seconds.Min() * 1e6,7:F2} us, {bytes,6} bytes allocated");
    }

    private void Keep(int entries)
    {
        using var memory = new MemoryEntryStore(8L << 30, TimeProvider.System);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < entries; i++)
        {
            memory.Set(Make(i));
        }

        long kept = (GC.GetTotalMemory(forceFullCollection: true) - before) / entries;
        long started = Stopwatch.GetTimestamp();
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: false);
        double pause = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine(
            $"{"kept in memory",-16} {kept,7} bytes an entry (accounted: {memory.SizeBytes / memory.Count}); a full collection of {entries} takes {pause * 1e3:F1} ms, {pause * 1e9 / entries:F0} ns an entry");
        GC.KeepAlive(memory);
    }

    private async Task WriteAsync(int entries, CancellationToken cancellationToken)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("cacheproxy-record-");
        try
        {
            CacheEntry[] made = [.. Enumerable.Range(0, entries).Select(Make)];
            await using var store = new SqliteEntryStore(folder.FullName, 8L << 30, TimeProvider.System, NullLogger<SqliteEntryStore>.Instance);
            await store.Opened;
            var micros = new List<double>();
            // As many at once as come within a quarter second at full speed.
            foreach (CacheEntry[] batch in made.Chunk(1000))
            {
                Environment.ProcessCpuUsage before = Environment.CpuUsage;
                foreach (CacheEntry entry in batch)
                {
                    store.TrySetAtOnce(entry);
                }

                await store.FlushAsync(cancellationToken);
                micros.Add((Environment.CpuUsage.TotalTime - before.TotalTime).TotalMicroseconds / batch.Length);
            }

            if (store.Dropped > 0 || await store.CountAsync(EntrySelector.Everything, cancellationToken) != entries)
            {
                throw new InvalidOperationException("Not every entry was written.");
            }

            Console.WriteLine(
                $"{"write to SQLite",-16} {Statistics.Median(micros.Take(10)):F1} us an entry at first, {Statistics.Median(micros.TakeLast(10)):F1} us behind {entries - 10_000} others; "
                + $"{folder.EnumerateFiles().Sum(file => file.Length) / entries} bytes on disk an entry");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private void Validate()
    {
        CacheEntry entry = Make(1);
        CacheEntry? again = EntryCodec.Decode(EntryCodec.Encode(entry), entry.Fingerprint);
        if (again is null || !again.Answer.Events.SequenceEqual(entry.Answer.Events) || !again.Answer.Body.Bytes.Span.SequenceEqual(entry.Answer.Body.Bytes.Span))
        {
            throw new InvalidOperationException("The entry does not come back as it was.");
        }
    }

    private CacheEntry Make(int number)
    {
        var exchange = new ExchangeFeature { Dialect = Dialect.OpenAIChat, Scope = _scope, Body = default, Facts = Facts, Fingerprint = Fingerprint(number), AnsweredAt = TimeProvider.System.GetUtcNow() };
        var body = new RecordedBody(Dialect.OpenAIChat, IsStream: false, IncludesUsage: false, "application/json", Body(number));
        RecordResult result = _factory.TryMake(exchange, body, s_noHeaders, out CacheEntry? entry);
        return entry ?? throw new InvalidOperationException($"The answer is not recorded: {result}");
    }

    private static readonly HeaderDictionary s_noHeaders = [];

    private static readonly byte[][] s_bodies = [.. Enumerable.Range(0, PerBatch).Select(number => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{"id":"chatcmpl-{{{number}}}","object":"chat.completion","created":1700000000,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"{{{string.Join(' ', Enumerable.Repeat("hello", 12))}}}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":12,"total_tokens":22}}""")))];

    private static byte[] Body(int number) => [.. s_bodies[number % PerBatch]];

    private static Fingerprint256 Fingerprint(int number)
    {
        byte[] bytes = new byte[Fingerprint256.SizeBytes];
        new Random(number).NextBytes(bytes);
        return new Fingerprint256(bytes);
    }

    private sealed class Fixed<T>(T value) : IOptionsMonitor<T>
    {
        public T CurrentValue => value;

        public T Get(string? name) => value;

        public IDisposable? OnChange(Action<T, string?> listener) => null;
    }
}
