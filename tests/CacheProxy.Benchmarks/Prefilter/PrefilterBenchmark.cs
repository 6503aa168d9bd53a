using System.Diagnostics;
using System.Numerics.Tensors;
using CacheProxy.Exchange;
using CacheProxy.Onnx.Encoders;
using CacheProxy.Onnx.Models;
using CacheProxy.Onnx.Sessions;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Index;
using CacheProxy.SemanticCache.Prefilter;
using CacheProxy.TestKit;
using CacheProxy.Tuning.Pairs;

namespace CacheProxy.Benchmarks.Prefilter;

/// <summary>The static vectors in front of the encoder: what they cost, what they rule out, and which share of the cascade's hits they lose.</summary>
internal sealed class PrefilterBenchmark : IBenchmark
{
    private const int Asked = 1000;
    private const int Checked = 100;

    private static readonly Fingerprint256 Partition = new(new byte[Fingerprint256.SizeBytes]);

    public string Name => "prefilter";

    public string Summary => "static vectors: time of a clear miss among 1,000 to 100,000 questions against the encoder's, share ruled out, hits lost: --pairs FILE --judged N";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        string path = Arguments.Text(arguments, "--pairs") ?? Repository.Shared("data", "gptcache-qqp", "dev", "qqp_dev.tsv")
            ?? throw new ArgumentException("--pairs is missing, and there is no shared folder beside this checkout.");
        LabelledPair[] pairs = [.. LabelFile.Open(path, skipBad: true).Read()];
        ModelManifest manifest = ModelManifest.Load(Repository.File("config", "models"));
        var embedder = new BundledStaticEmbedder(BundledEncoders.LoadStatic(manifest));
        using TextEmbedder encoder = BundledEncoders.LoadEmbedder(manifest, new OnnxSessionFactory(new OnnxSessionSettings { IntraOpThreads = 1 }));
        Random random = new(1);
        string[] texts = [.. pairs.SelectMany(pair => new[] { pair.Cached, pair.Asked }).Distinct(StringComparer.Ordinal)
            .Where(text => SemanticEligibility.CheckText(text, new SemanticOptions(), out _) == SemanticReason.None)];
        random.Shuffle(texts);
        double encoderSeconds = TimeEncoder(encoder, texts.AsSpan(0, Checked));
        Console.WriteLine($"encoder: p50 {encoderSeconds * 1e3:F2} ms a question");
        foreach (int count in new[] { 1_000, 10_000, 100_000 })
        {
            Measure(count, texts, embedder, encoderSeconds, cancellationToken);
        }

        await LostHits.PrintAsync(pairs, Arguments.Number(arguments, "--judged", 4000), embedder, cancellationToken);
    }

    private static void Measure(int count, string[] texts, BundledStaticEmbedder embedder, double encoderSeconds, CancellationToken cancellationToken)
    {
        const int Width = 64;
        float cut = new SemanticOptions().PrefilterSimilarity;
        using var prefilter = new StaticPrefilter(embedder, TimeProvider.System);
        using var index = new MemoryVectorIndex(Width, long.MaxValue, TimeProvider.System) { Mirror = prefilter };
        float[] any = new float[Width];
        any[0] = 1;
        string[] stored = [.. Enumerable.Range(0, count).Select(i => texts[Asked + (i % (texts.Length - Asked))] + (i < texts.Length - Asked ? "" : $" in part {i}"))];
        for (int i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            index.Upsert(new IndexedQuestion(Partition, Fingerprint(i), stored[i], DateTimeOffset.MaxValue), any);
        }

        Validate(prefilter, stored, texts.AsSpan(0, Checked), embedder, cut);
        var ruledOut = new List<double>();
        var passed = new List<double>();
        foreach (string text in texts.AsSpan(0, Asked))
        {
            long started = Stopwatch.GetTimestamp();
            bool isOut = prefilter.RulesOut(Partition, text, cut);
            (isOut ? ruledOut : passed).Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        double[] all = [.. ruledOut, .. passed];
        Console.WriteLine(
            $"{count,7:N0} questions: {ruledOut.Count * 100.0 / Asked:F1} % of {Asked:N0} others ruled out, p50 {Statistics.Median(all) * 1e3:F3} ms, "
            + $"p99 {Statistics.Percentile(all, 0.99) * 1e3:F3} ms; the encoder alone takes {encoderSeconds / Statistics.Median(all):F0} times as long; "
            + $"{prefilter.QuestionBytes} bytes a question");
    }

    // Against every cosine in float: a question with a neighbour well within the cut must pass, one far from all must not.
    private static void Validate(StaticPrefilter prefilter, string[] stored, ReadOnlySpan<string> asked, BundledStaticEmbedder embedder, float cut)
    {
        const float Margin = 0.02f;
        float[][] vectors = [.. stored.Select(text => Vector(embedder, text)).OfType<float[]>()];
        int missed = 0;
        foreach (string text in asked)
        {
            float nearest = Vector(embedder, text) is { } vector ? vectors.Max(other => TensorPrimitives.Dot(vector, other)) : 1;
            bool isOut = prefilter.RulesOut(Partition, text, cut);
            missed += isOut && nearest >= cut + Margin ? 1 : 0;
            if (!isOut && nearest < cut - Margin)
            {
                throw new InvalidOperationException($"A question passed whose nearest has {nearest}.");
            }
        }

        // The index finds the nearest of 99 in 100; so many may be ruled out for that.
        if (missed > asked.Length / 50)
        {
            throw new InvalidOperationException($"{missed} of {asked.Length} questions were ruled out though they have a neighbour.");
        }
    }

    private static float[]? Vector(BundledStaticEmbedder embedder, string text)
    {
        float[] vector = new float[embedder.Dimensions];
        return embedder.TryEmbed(text, vector) ? vector : null;
    }

    private static double TimeEncoder(TextEmbedder encoder, ReadOnlySpan<string> texts)
    {
        float[] vector = new float[encoder.Dimensions];
        var seconds = new List<double>();
        foreach (string text in texts)
        {
            long started = Stopwatch.GetTimestamp();
            encoder.Embed(text, vector);
            seconds.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        return Statistics.Median(seconds.Skip(texts.Length / 5));
    }

    private static Fingerprint256 Fingerprint(int number)
    {
        byte[] bytes = new byte[Fingerprint256.SizeBytes];
        BitConverter.TryWriteBytes(bytes, number + 1);
        return new Fingerprint256(bytes);
    }
}
