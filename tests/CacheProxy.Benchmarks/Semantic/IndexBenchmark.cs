using System.Diagnostics;
using System.Numerics.Tensors;
using CacheProxy.Exchange;
using CacheProxy.Onnx.Encoders;
using CacheProxy.Onnx.Models;
using CacheProxy.Onnx.Sessions;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Index;
using CacheProxy.TestKit;

namespace CacheProxy.Benchmarks.Semantic;

/// <summary>
/// The in-process index alone, over realistic vectors. Before anything is timed, what it finds is compared with an exact search over the
/// floats: recall@1 below 0.99 ends the run with an error.
/// </summary>
internal sealed class IndexBenchmark : IBenchmark
{
    private const int Texts = 8_000;
    private const int RealQuestions = 200;
    private const int NearQuestions = 300;
    private const float Minimum = 0.6f;
    private const double RequiredRecall = 0.99;
    private const double AllowedBytes = 1.3;

    private const float Tie = 0.001f;

    // Odd, so that it has an inverse modulo 2^64.
    private const ulong Spread = 0x9E3779B97F4A7C15;

    private static readonly Fingerprint256 Partition = Fingerprint(-2);

    public string Name => "index";

    public string Summary => "the vector index alone, 100,000 and 1,000,000 x 384: recall against exact search, then time, memory, writers beside [--counts 100000,1000000] [--rounds 4]";

    public Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        ModelManifest manifest = ModelManifest.Load(Repository.File("config", "models"));
        using TextEmbedder embedder = BundledEncoders.LoadEmbedder(manifest, new OnnxSessionFactory(new OnnxSessionSettings { IntraOpThreads = 1 }));
        var vectors = RealisticVectors.Load(embedder, Texts, RealQuestions);
        int rounds = Arguments.Number(arguments, "--rounds", 4);
        foreach (string count in (Arguments.Text(arguments, "--counts") ?? "100000,1000000").Split(','))
        {
            Run(vectors, int.Parse(count), rounds, cancellationToken);
        }

        return Task.CompletedTask;
    }

    private static void Run(RealisticVectors vectors, int count, int rounds, CancellationToken cancellationToken)
    {
        // Every second question is one that was asked before in other words; the rest came from people and may have no neighbour.
        float[][] questions = [.. Enumerable.Range(0, NearQuestions).Select(i => vectors.Near(i * (count / NearQuestions))), .. vectors.Asked];
        int[] exact = new int[questions.Length];
        float[] cosines = new float[questions.Length];
        Array.Fill(cosines, -2f);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        using var index = new MemoryVectorIndex(vectors.Dimensions, long.MaxValue, TimeProvider.System);
        double insertSeconds = 0;
        for (int i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            float[] vector = vectors.Stored(i);
            double started = ThreadTime.Now();
            index.Upsert(new IndexedQuestion(Partition, Fingerprint(i), "", DateTimeOffset.MaxValue), vector);
            insertSeconds += ThreadTime.Now() - started;
            Compare(questions, vector, i, exact, cosines);
        }

        double bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)count / vectors.Dimensions;
        Console.WriteLine($"-- {count:N0} x {vectors.Dimensions}, {bytes:F3} bytes of heap for each component, all but texts ({index.VectorBytes / (double)vectors.Dimensions:F3} counted); insert {insertSeconds / count * 1e6:F1} µs");
        Validate(index, vectors, questions, exact, cosines);
        Require(bytes <= AllowedBytes, $"{bytes:F3} bytes for each component; {AllowedBytes} are allowed.");
        double exactSeconds = ExactSeconds(vectors, count);
        Time("look-up", index, questions, Minimum, rounds, exactSeconds);
        Time("look-up, no minimum", index, questions, -1, rounds, exactSeconds);
        Time("look-up without a neighbour", index, [.. questions.Where((_, i) => cosines[i] < Minimum)], Minimum, rounds * 4, exactSeconds);
        WhileWriting(index, vectors, questions, count, rounds, exactSeconds);
    }

    private static void Compare(float[][] questions, float[] vector, int number, int[] exact, float[] cosines)
    {
        for (int q = 0; q < questions.Length; q++)
        {
            float cosine = TensorPrimitives.Dot(questions[q], vector);
            if (cosine > cosines[q])
            {
                (exact[q], cosines[q]) = (number, cosine);
            }
        }
    }

    // A neighbour counts as the nearest when it is as near as the nearest but for Tie, as ann-benchmarks counts; how many are the very one is told too.
    private static void Validate(MemoryVectorIndex index, RealisticVectors vectors, float[][] questions, int[] exact, float[] cosines)
    {
        int right = 0, same = 0, near = 0, nearRight = 0;
        Neighbour[] found = new Neighbour[8];
        for (int q = 0; q < questions.Length; q++)
        {
            int count = index.Search(Partition, questions[q], -1, found);
            Require(count == found.Length && found.Zip(found[1..]).All(pair => pair.First.Similarity >= pair.Second.Similarity), "Too few found, or not best first.");
            int number = NumberOf(found[0].Question.Fingerprint);
            float cosine = TensorPrimitives.Dot(questions[q], vectors.Stored(number));
            Require(Math.Abs(cosine - found[0].Similarity) < 0.005f, $"A cosine of {cosine} came as {found[0].Similarity}.");
            bool isRight = cosine >= cosines[q] - Tie;
            right += isRight ? 1 : 0;
            same += number == exact[q] ? 1 : 0;
            bool isFound = index.Search(Partition, questions[q], Minimum, found) > 0 && NumberOf(found[0].Question.Fingerprint) == number;
            Require(isFound == cosine >= Minimum || Math.Abs(cosine - Minimum) < 0.005f, "The minimum changes what is found above it.");
            near += cosines[q] >= Minimum ? 1 : 0;
            nearRight += cosines[q] >= Minimum && isRight && isFound ? 1 : 0;
        }

        double all = questions.Length;
        Console.WriteLine(
            $"recall@1 against exact search: {right / all:F4} of {all} questions ({same / all:F4} the very same, the rest within {Tie} of it); "
            + $"{nearRight / (double)near:F4} of the {near} with a neighbour of {Minimum} or more");
        Require(right >= RequiredRecall * all && nearRight >= RequiredRecall * near, "The index finds too few of the nearest.");
    }

    // The inverse of Fingerprint.
    private static int NumberOf(Fingerprint256 fingerprint)
    {
        ulong inverse = Spread;
        for (int i = 0; i < 6; i++)
        {
            inverse *= 2 - (Spread * inverse);
        }

        return (int)((ulong)fingerprint.Order * inverse) - 3;
    }

    private static double ExactSeconds(RealisticVectors vectors, int count)
    {
        const int Part = 10_000;
        float[][] rows = [.. Enumerable.Range(0, Part).Select(vectors.Stored)];
        float[] question = vectors.Near(1);
        float best = 0;
        double started = ThreadTime.Now();
        for (int round = 0; round < 3; round++)
        {
            foreach (float[] row in rows)
            {
                best = Math.Max(best, TensorPrimitives.Dot(question, row));
            }
        }

        Require(best > 0, "The exact search found nothing.");
        return (ThreadTime.Now() - started) / 3 / Part * count;
    }

    private static void Time(string name, MemoryVectorIndex index, float[][] questions, float minimum, int rounds, double exactSeconds)
    {
        var wall = new List<double>();
        var processor = new List<double>();
        Neighbour[] found = new Neighbour[8];
        for (int round = -1; round < rounds; round++)
        {
            foreach (float[] question in questions)
            {
                double cpu = ThreadTime.Now();
                long started = Stopwatch.GetTimestamp();
                index.Search(Partition, question, minimum, found);
                if (round >= 0)
                {
                    wall.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
                    processor.Add(ThreadTime.Now() - cpu);
                }
            }
        }

        Console.WriteLine(
            $"{name,-28} wall p50 {Milliseconds(wall, 0.5)}, p99 {Milliseconds(wall, 0.99)} ms; processor p50 {Milliseconds(processor, 0.5)}, p99 {Milliseconds(processor, 0.99)} ms; "
            + $"{exactSeconds / Statistics.Median(processor):F0}x less than an exact scan of floats ({exactSeconds * 1e3:F1} ms), one core, {wall.Count} searches");
    }

    private static void WhileWriting(MemoryVectorIndex index, RealisticVectors vectors, float[][] questions, int count, int rounds, double exactSeconds)
    {
        using var stop = new CancellationTokenSource();
        long writes = 0;
        var writer = new Thread(() =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                index.Upsert(new IndexedQuestion(Partition, Fingerprint(i % count), "", DateTimeOffset.MaxValue), vectors.Stored(i % count));
                writes++;
            }
        });
        writer.Start();
        long started = Stopwatch.GetTimestamp();
        Time("look-up beside a writer", index, questions, Minimum, rounds, exactSeconds);
        double rate = writes / Stopwatch.GetElapsedTime(started).TotalSeconds;
        stop.Cancel();
        writer.Join();
        Console.WriteLine($"{"the writer beside it",-28} {rate:N0} questions replaced a second");
    }

    private static string Milliseconds(List<double> seconds, double fraction) => (Statistics.Percentile(seconds, fraction) * 1e3).ToString("F3");

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }

    private static Fingerprint256 Fingerprint(int number)
    {
        Span<byte> bytes = stackalloc byte[Fingerprint256.SizeBytes];
        BitConverter.TryWriteBytes(bytes, (ulong)(number + 3) * Spread);
        return new Fingerprint256(bytes);
    }
}
