using System.Diagnostics;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Onnx.Encoders;
using CacheProxy.Onnx.Models;
using CacheProxy.Onnx.Sessions;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Guards;
using CacheProxy.SemanticCache.Index;
using CacheProxy.SemanticCache.Policies;
using CacheProxy.SemanticCache.Scoring;
using CacheProxy.SemanticCache.Text;
using CacheProxy.Stores.Memory;
using CacheProxy.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CacheProxy.Benchmarks;

/// <summary>A whole semantic decision with the bundled models over a partition of 10,000 questions, and the index alone.</summary>
internal sealed class SemanticBenchmark : IBenchmark
{
    private const int Questions = 10_000;
    private const int Rounds = 200;

    // Each is cached in three wordings, so that a question of it has three candidates. The other vectors are random: the scan costs the same.
    private static readonly string[] Subjects = ["France", "Japan", "Brazil", "Kenya", "Norway", "Canada", "Egypt", "Peru", "India", "Spain"];

    public string Name => "semantic";

    public string Summary => "semantic hit and miss with 10,000 questions in the partition, embedding and verifier included; the index alone";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        ModelManifest manifest = ModelManifest.Load(Repository.File("config", "models"));
        var factory = new OnnxSessionFactory(new OnnxSessionSettings { IntraOpThreads = 1 });
        using TextEmbedder text = BundledEncoders.LoadEmbedder(manifest, factory);
        using SameAnswerVerifier pairs = BundledEncoders.LoadVerifier(manifest, factory);
        using var embedder = new OnnxEmbedder(text, 1);
        using var verifier = new OnnxVerifier(pairs, 1);
        await DecisionsAsync(embedder, verifier, cancellationToken);
        foreach (int count in new[] { 10_000, 100_000, 1_000_000 })
        {
            IndexAlone(count, cancellationToken);
        }
    }

    private static async Task DecisionsAsync(IEmbedder embedder, IVerifier verifier, CancellationToken cancellationToken)
    {
        var options = new FixedOptions(new SemanticOptions { BudgetMilliseconds = 10_000 });
        using var index = new MemoryVectorIndex(embedder.Dimensions, long.MaxValue, TimeProvider.System);
        var score = new CascadeScore(CascadeModel.Load(Repository.File("config", "models", "same-answer-minilm", "cascade.json"), verifier.Fingerprint));
        var store = new MemoryEntryStore(256L << 20, TimeProvider.System);
        var lookup = new SemanticLookup(
            embedder, index, new GuardChain(), verifier, score, new StaticPolicy(score.DefaultThreshold, options), [store], options, TimeProvider.System,
            NullLogger<SemanticLookup>.Instance);
        Fingerprint256 partition = new SemanticPartition(embedder.Fingerprint, verifier.Fingerprint).Derive(Fingerprint(0), Script.Latin);
        var random = new Random(1);
        for (int i = 0; i < Questions; i++)
        {
            bool isReal = i < Subjects.Length * 3;
            ReadOnlyMemory<float> vector = isReal
                ? (await embedder.EmbedAsync(Cached(i), cancellationToken)).Vector
                : RandomUnit(random, embedder.Dimensions);
            index.Upsert(new IndexedQuestion(partition, Fingerprint(i + 1), isReal ? Cached(i) : $"filler {i}", DateTimeOffset.MaxValue), vector.Span);
            if (isReal)
            {
                await store.SetAsync(Entry(Fingerprint(i + 1)), cancellationToken);
            }
        }

        await MeasureAsync("hit, nearest", lookup, i => $"Tell me the capital of {Subjects[i % Subjects.Length]}.", isHit: true, cancellationToken);
        await MeasureAsync("miss, 3 verified", lookup, i => $"What is the population density of the capital of {Subjects[i % Subjects.Length]}?", isHit: false, cancellationToken);
        await MeasureAsync("miss, guarded", lookup, i => $"What is the population of {Subjects[i % Subjects.Length]} in {1900 + i}?", isHit: false, cancellationToken);
        await MeasureAsync("miss, no neighbour", lookup, i => $"How do I repair bicycle number {i} at home?", isHit: false, cancellationToken);
    }

    private static async Task MeasureAsync(
        string name, SemanticLookup lookup, Func<int, string> question, bool isHit, CancellationToken cancellationToken)
    {
        var seconds = new List<double>();
        var times = new List<StageTimes>();
        for (int i = -20; i < Rounds; i++)
        {
            long started = Stopwatch.GetTimestamp();
            SemanticDecision decision = await lookup.LookupAsync(
                new SemanticQuery { Scope = "", Partition = Fingerprint(0), Text = question(i + 20) }, cancellationToken);
            double took = Stopwatch.GetElapsedTime(started).TotalSeconds;
            if (decision.IsHit != isHit)
            {
                throw new InvalidOperationException($"'{question(i + 20)}' ended as {decision.Reason}.");
            }

            if (i >= 0)
            {
                seconds.Add(took);
                times.Add(decision.Times);
            }
        }

        Console.WriteLine(
            $"{name,-20} p50 {Statistics.Median(seconds) * 1e3:F2} ms, p99 {Statistics.Percentile(seconds, 0.99) * 1e3:F2} ms; medians: embed "
            + $"{Part(times, t => t.Embed)}, index {Part(times, t => t.Search)}, guards {Part(times, t => t.Guard)}, verify {Part(times, t => t.Verify)}, entry {Part(times, t => t.Fetch)} ms");
    }

    private static void IndexAlone(int count, CancellationToken cancellationToken)
    {
        const int Width = 384;
        var random = new Random(2);
        using var index = new MemoryVectorIndex(Width, long.MaxValue, TimeProvider.System);
        float[][] topics = [.. Enumerable.Range(0, 1000).Select(_ => RandomUnit(random, Width))];
        var kept = new List<(Fingerprint256 Fingerprint, float[] Vector)>();
        for (int i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            float[] vector = Near(random, topics[random.Next(topics.Length)], 0.9f);
            index.Upsert(new IndexedQuestion(Fingerprint(0), Fingerprint(i), "", DateTimeOffset.MaxValue), vector);
            if (i % (count / Rounds) == 0)
            {
                kept.Add((Fingerprint(i), vector));
            }
        }

        var seconds = new List<double>();
        int right = 0;
        Neighbour[] found = new Neighbour[8];
        foreach ((Fingerprint256 fingerprint, float[] vector) in kept)
        {
            float[] query = Near(random, vector, 0.5f);
            long started = Stopwatch.GetTimestamp();
            int length = index.Search(Fingerprint(0), query, 0.6f, found);
            seconds.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
            right += length > 0 && found[0].Question.Fingerprint == fingerprint ? 1 : 0;
        }

        Console.WriteLine(
            $"index {count,9:N0} x {Width}: p50 {Statistics.Median(seconds) * 1e3:F3} ms, p99 {Statistics.Percentile(seconds, 0.99) * 1e3:F3} ms, "
            + $"nearest found {right * 100.0 / kept.Count:F1} %, {index.VectorBytes / (double)Width:F2} bytes per component");
    }

    private static string Part(List<StageTimes> times, Func<StageTimes, TimeSpan> part)
        => Statistics.Median(times.Select(t => part(t).TotalMilliseconds)).ToString("F2");

    private static string Cached(int number)
        => (number % 3 == 0 ? "What is" : number % 3 == 1 ? "What's" : "what is") + $" the capital of {Subjects[number / 3]}?";

    private static float[] RandomUnit(Random random, int width)
    {
        float[] vector = [.. Enumerable.Range(0, width).Select(_ => random.NextSingle() + random.NextSingle() + random.NextSingle() - 1.5f)];
        float length = MathF.Sqrt(vector.Sum(x => x * x));
        return [.. vector.Select(x => x / length)];
    }

    private static float[] Near(Random random, float[] centre, float noise)
    {
        float[] vector = RandomUnit(random, centre.Length);
        for (int i = 0; i < vector.Length; i++)
        {
            vector[i] = centre[i] + (noise * vector[i]);
        }

        return vector;
    }

    private static Fingerprint256 Fingerprint(int number)
    {
        byte[] bytes = new byte[Fingerprint256.SizeBytes];
        BitConverter.TryWriteBytes(bytes, number + 1);
        return new Fingerprint256(bytes);
    }

    private static CacheEntry Entry(Fingerprint256 fingerprint) => new()
    {
        Id = "",
        Fingerprint = fingerprint,
        Scope = "",
        Namespace = "",
        Model = "",
        CreatedAt = TimeProvider.System.GetUtcNow(),
        TtlSeconds = 86_400,
        Answer = new CanonicalAnswer
        {
            UpstreamId = "",
            Model = "",
            CreatedUnixSeconds = 0,
            Events = [],
            Body = new RecordedBody(Dialect.OpenAIChat, false, false, "application/json", new byte[2048]),
        },
    };

    private sealed class FixedOptions(SemanticOptions value) : IOptionsMonitor<SemanticOptions>
    {
        public SemanticOptions CurrentValue => value;

        public SemanticOptions Get(string? name) => value;

        public IDisposable? OnChange(Action<SemanticOptions, string?> listener) => null;
    }
}
