using CacheProxy.Benchmarks.Cascade;
using CacheProxy.Onnx.Encoders;
using CacheProxy.Onnx.Models;
using CacheProxy.Onnx.Sessions;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Cascade;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Guards;
using CacheProxy.SemanticCache.Policies;
using CacheProxy.SemanticCache.Policies.Learned;
using CacheProxy.SemanticCache.Scoring;
using CacheProxy.TestKit;

namespace CacheProxy.Benchmarks.Streams;

/// <summary>
/// The learned policy over streams whose truth is known, against the best fixed thresholds chosen in hindsight; then how often the audit's interval
/// covers a planted error. <c>stream [--pairs A.tsv,B.tsv] [--cache FOLDER] [--components N] [--length N] [--seeds N]</c>; without pairs a world
/// without models.
/// </summary>
internal sealed class StreamBenchmark : IBenchmark
{
    private const double ServedBound = 0.05;
    private const double MinimumProbability = 0.8;
    private const double ExploreShare = 0.01;
    private const double AuditShare = 0.02;

    private static readonly double[] Bounds = [0.005, 0.01, 0.02];

    public string Name => "stream";

    public string Summary => "learned policy over streams with known truth: error against its bound, hits against the best thresholds in hindsight";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        int seeds = Arguments.Number(arguments, "--seeds", 20), length = Arguments.Number(arguments, "--length", 6000);
        StreamWorld? world = await ReadAsync(arguments, cancellationToken);
        int failed = 0;
        foreach (StreamOrder order in Enum.GetValues<StreamOrder>())
        {
            foreach (double bound in Bounds)
            {
                cancellationToken.ThrowIfCancellationRequested();
                failed += Report(world, order, bound, length, seeds);
            }
        }

        AuditCoverage.Report();
        Console.WriteLine(failed == 0 ? "all bounds hold" : $"{failed} of {Bounds.Length * 3} bounds DO NOT hold");
    }

    /// <summary>A line for one order and one bound.</summary>
    /// <returns>1 where the bound does not hold.</returns>
    private static int Report(StreamWorld? world, StreamOrder order, double bound, int length, int seeds)
    {
        var runs = new (StreamResult Learned, IReadOnlyList<StreamCounts> Cosine, IReadOnlyList<StreamCounts> Score)[seeds];
        Parallel.For(0, seeds, seed =>
        {
            StreamWorld mine = world ?? SyntheticWorld.Make(1200, 60, 0, seed);
            int[] stream = StreamMaker.Draw(mine, order, length, 100 + seed);
            runs[seed] = (RunLearned(mine, stream, bound, seed), HindsightPolicy.Sweep(mine, stream, byCosine: true), HindsightPolicy.Sweep(mine, stream, byCosine: false));
        });
        StreamCounts[] learned = [.. runs.Select(run => run.Learned.All)];
        int within = learned.Count(run => run.Error <= bound);
        double hits = learned.Average(run => run.Hits);
        Console.WriteLine(
            $"{order,-9} bound {bound:P1}: within in {within}/{seeds}, error {learned.Average(run => run.Error):P2} (most {learned.Max(run => run.Error):P2}), "
            + $"wrong of served {(double)learned.Sum(run => run.Wrong) / Math.Max(1, learned.Sum(run => run.Served)):P1} (most {learned.Max(run => run.WrongOfServed):P1}); "
            + $"hits {hits:P1} (cold {runs.Average(run => run.Learned.Cold.Hits):P1}, warm {runs.Average(run => run.Learned.Warm.Hits):P1}), audits {learned.Average(run => (double)run.Audited / length):P1}");
        Console.WriteLine(
            $"          in hindsight at the same error: cosine {Ratio(hits, runs.Average(run => HindsightPolicy.BestHits(run.Cosine, run.Learned.All.Error)))}, cascade score "
            + $"{Ratio(hits, runs.Average(run => HindsightPolicy.BestHits(run.Score, run.Learned.All.Error)))}; at the bound: cosine "
            + $"{Ratio(hits, runs.Average(run => HindsightPolicy.BestHits(run.Cosine, bound)))}, cascade score {Ratio(hits, runs.Average(run => HindsightPolicy.BestHits(run.Score, bound)))}");
        return within * 20 >= seeds * 19 ? 0 : 1;
    }

    private static string Ratio(double hits, double others) => $"{others:P1} (x{hits / Math.Max(1e-9, others):F1})";

    internal static StreamResult RunLearned(StreamWorld world, int[] stream, double bound, int seed)
    {
        var random = new Random(seed);
        var policy = new LearnedPolicy(_ => new LearnedSettings(bound, ServedBound, MinimumProbability, ExploreShare), random.NextDouble);
        return StreamRunner.Run(world, stream, policy, AuditShare, random);
    }

    private static async Task<StreamWorld?> ReadAsync(string[] arguments, CancellationToken cancellationToken)
    {
        if (Arguments.Text(arguments, "--pairs") is not { } files)
        {
            return null;
        }

        QuestionPool pool = QuestionPool.Read(files.Split(','), Arguments.Number(arguments, "--components", 300), Arguments.Number(arguments, "--rewordings", 2), seed: 1);
        string folder = Arguments.Text(arguments, "--cache") ?? Path.Combine(Path.GetTempPath(), "cacheproxy-stream");
        ModelManifest manifest = ModelManifest.Load(Repository.File("config", "models"));
        var factory = new OnnxSessionFactory(new OnnxSessionSettings { IntraOpThreads = 1 });
        using TextEmbedder text = BundledEncoders.LoadEmbedder(manifest, factory);
        using SameAnswerVerifier pairs = BundledEncoders.LoadVerifier(manifest, factory);
        using var onnx = new OnnxEmbedder(text, Environment.ProcessorCount);
        using var verifier = new OnnxVerifier(pairs, Environment.ProcessorCount);
        var embedder = new CachingEmbedder(onnx, 1 << 17);
        var options = new FixedOptions<SemanticOptions>(new SemanticOptions());
        var score = new CascadeScore(CascadeModel.Load(manifest.PathOf(manifest.ForRole(ModelRole.Verifier), "cascade.json"), verifier.Fingerprint));
        var cascade = new PairCascade(embedder, new GuardChain(), verifier, score, new StaticPolicy(score.DefaultThreshold, options), options, TimeProvider.System);
        StreamCandidate[][] candidates = await new EvidenceBook(embedder, cascade, folder).JudgeAsync(pool, cancellationToken);
        Console.WriteLine($"{pool.Texts.Count:N0} questions of {pool.Classes.Max() + 1:N0} classes, {candidates.Sum(list => list.Length):N0} pairs");
        return new PairWorld(candidates) { Classes = pool.Classes, Partitions = pool.Partitions };
    }
}
