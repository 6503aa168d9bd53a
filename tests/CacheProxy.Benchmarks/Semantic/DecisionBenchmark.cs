using System.Diagnostics;
using CacheProxy.Onnx.Encoders;
using CacheProxy.Onnx.Models;
using CacheProxy.Onnx.Sessions;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.TestKit;

namespace CacheProxy.Benchmarks.Semantic;

/// <summary>
/// Whole decisions of the product's look-up with the bundled models: one after the other, then 64 at once. Every decision that is timed is
/// checked: a hit that misses, or a miss that took another way than its name says, ends the run with an error.
/// </summary>
internal sealed class DecisionBenchmark : IBenchmark
{
    private const int Callers = 64;

    private delegate string Question(int number);

    public string Name => "decision";

    public string Summary => "semantic hit, clear miss and miss after 3 verified candidates with 100,000 questions in the partition; 64 at once, batched and not [--count 100000] [--rounds 200]";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        int count = Arguments.Number(arguments, "--count", 100_000), rounds = Arguments.Number(arguments, "--rounds", 200);
        ModelManifest manifest = ModelManifest.Load(Repository.File("config", "models"));
        foreach ((int threads, int workers, bool isBatched) in new[] { (1, 2, true), (1, 2, false), (2, 1, true) })
        {
            var factory = new OnnxSessionFactory(new OnnxSessionSettings { IntraOpThreads = threads });
            using TextEmbedder text = BundledEncoders.LoadEmbedder(manifest, factory);
            using SameAnswerVerifier pairs = BundledEncoders.LoadVerifier(manifest, factory);
            using OnnxEmbedder embedder = isBatched ? new OnnxEmbedder(text, workers) : new OnnxEmbedder(text, workers, maximumTexts: 1);
            using OnnxVerifier verifier = isBatched ? new OnnxVerifier(pairs, workers) : new OnnxVerifier(pairs, workers, maximumLookups: 1);
            FilledLookup filled = await FilledLookup.CreateAsync(embedder, verifier, text, count, cancellationToken);
            Console.WriteLine($"-- {workers} runs at once, {threads} thread(s) each, {(isBatched ? "batched" : "one question a run")}; {count:N0} questions in the partition");
            if (threads == 1 && isBatched)
            {
                await OneByOneAsync("clear miss", filled, FilledLookup.ClearMiss, IsClearMiss, rounds, cancellationToken);
                await OneByOneAsync("miss, 3 verified", filled, FilledLookup.ThreeVerified, IsThreeVerified, Math.Min(rounds, 100), cancellationToken);
                await OneByOneAsync("hit, nearest", filled, FilledLookup.Hit, static decision => decision.IsHit, rounds, cancellationToken);
            }

            await ManyAsync("hits", filled, FilledLookup.Hit, static decision => decision.IsHit, rounds * 2, cancellationToken);
            await ManyAsync("misses, 3 verified", filled, i => FilledLookup.ThreeVerified(i % 100), IsThreeVerified, rounds, cancellationToken);
            await ManyAsync("clear misses", filled, i => FilledLookup.ClearMiss(i + 20_000), IsClearMiss, rounds * 2, cancellationToken);
            await ManyAsync("half clear, quarter hits", filled, Mixed, static _ => true, rounds * 2, cancellationToken);
            Console.WriteLine($"   mean batch: {Ratio(embedder.Counts):F1} texts, {Ratio(verifier.Counts):F1} look-ups");
        }
    }

    private static string Mixed(int number) => (number % 4) switch
    {
        0 => FilledLookup.Hit(number),
        1 => FilledLookup.ThreeVerified(number % 100),
        _ => FilledLookup.ClearMiss(number + 40_000),
    };

    private static bool IsClearMiss(SemanticDecision decision) => !decision.IsHit && decision.Candidates.Count == 0;

    private static bool IsThreeVerified(SemanticDecision decision) => !decision.IsHit && decision.Candidates.Count(candidate => candidate.Logit is not null) == 3;

    private static async Task OneByOneAsync(
        string name, FilledLookup filled, Question question, Func<SemanticDecision, bool> isRight, int rounds, CancellationToken cancellationToken)
    {
        var seconds = new List<double>();
        var times = new List<StageTimes>();
        TimeSpan processor = default;
        for (int i = -10; i < rounds; i++)
        {
            processor = i == 0 ? Environment.CpuUsage.TotalTime : processor;
            long started = Stopwatch.GetTimestamp();
            SemanticDecision decision = await filled.Lookup.LookupAsync(FilledLookup.Query(question(i + 10)), cancellationToken);
            if (i >= 0)
            {
                seconds.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
                times.Add(decision.Times);
            }

            Require(isRight(decision), $"'{question(i + 10)}' ended as {decision.Reason}.");
        }

        double each = (Environment.CpuUsage.TotalTime - processor).TotalMilliseconds / rounds;
        Console.WriteLine(
            $"{name,-18} p50 {Statistics.Median(seconds) * 1e3:F2}, p99 {Statistics.Percentile(seconds, 0.99) * 1e3:F2} ms, processor {each:F2} ms; medians: embed "
            + $"{Part(times, t => t.Embed)}, index {Part(times, t => t.Search)}, guards {Part(times, t => t.Guard)}, verify {Part(times, t => t.Verify)}, entry {Part(times, t => t.Fetch)} ms");
    }

    private static async Task ManyAsync(
        string name, FilledLookup filled, Question question, Func<SemanticDecision, bool> isRight, int rounds, CancellationToken cancellationToken)
    {
        int next = 0;
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(
            async () =>
            {
                for (int i = Interlocked.Increment(ref next) - 1; i < rounds; i = Interlocked.Increment(ref next) - 1)
                {
                    SemanticDecision decision = await filled.Lookup.LookupAsync(FilledLookup.Query(question(i)), cancellationToken);
                    Require(isRight(decision), $"'{question(i)}' ended as {decision.Reason}.");
                }
            },
            cancellationToken)));
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds, used = (Environment.CpuUsage.TotalTime - processor).TotalSeconds;
        Console.WriteLine(
            $"{Callers} at once, {name,-26} {rounds / seconds,7:F0} decisions/s; {used / rounds * 1e3:F2} ms of processor each = {2 * rounds / used:F0}/s on 2 free cores");
    }

    private static string Part(List<StageTimes> times, Func<StageTimes, TimeSpan> part)
        => Statistics.Median(times.Select(t => part(t).TotalMilliseconds)).ToString("F2");

    private static double Ratio((long Items, long Runs) counts) => counts.Items / (double)Math.Max(1, counts.Runs);

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
