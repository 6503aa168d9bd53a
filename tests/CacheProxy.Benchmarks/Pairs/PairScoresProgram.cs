using System.Diagnostics;
using System.Globalization;
using System.Text;
using CacheProxy.Onnx.Encoders;
using CacheProxy.Onnx.Models;
using CacheProxy.Onnx.Sessions;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Cascade;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Guards;
using CacheProxy.SemanticCache.Policies;
using CacheProxy.SemanticCache.Scoring;
using CacheProxy.TestKit;
using CacheProxy.Tuning.Pairs;

namespace CacheProxy.Benchmarks.Pairs;

/// <summary>Writes what encoder and verifier say about every pair of a label file, for whoever fits a score: <c>scores --pairs FILE --out FILE</c>.</summary>
internal sealed class PairScoresProgram : IBenchmark
{
    private const int PairsPerCall = 2048;

    public string Name => "scores";

    public string Summary => "writes label, cosine, logit, truncated, a, b of a label file: --pairs FILE --out FILE";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        LabelFile file = LabelFile.Open(Arguments.Text(arguments, "--pairs") ?? throw new ArgumentException("--pairs is missing."), skipBad: false);
        string target = Arguments.Text(arguments, "--out") ?? throw new ArgumentException("--out is missing.");
        ModelManifest manifest = ModelManifest.Load(Repository.File("config", "models"));
        var factory = new OnnxSessionFactory(new OnnxSessionSettings { IntraOpThreads = 1 });
        using TextEmbedder text = BundledEncoders.LoadEmbedder(manifest, factory);
        using SameAnswerVerifier pairs = BundledEncoders.LoadVerifier(manifest, factory);
        using var embedder = new OnnxEmbedder(text, Environment.ProcessorCount);
        using var verifier = new OnnxVerifier(pairs, Environment.ProcessorCount);
        var options = new FixedOptions<SemanticOptions>(new SemanticOptions());
        var score = new CascadeScore(CascadeModel.Load(manifest.PathOf(manifest.ForRole(ModelRole.Verifier), "cascade.json"), verifier.Fingerprint));
        var cascade = new PairCascade(
            new CachingEmbedder(embedder, 1 << 17), new GuardChain(), verifier, score, new StaticPolicy(score.DefaultThreshold, options), options, TimeProvider.System)
        {
            IsThorough = true,
        };

        long started = Stopwatch.GetTimestamp();
        await using var writer = new StreamWriter(target + ".part", append: false, new UTF8Encoding(false));
        await writer.WriteLineAsync("label\tcosine\tlogit\ttruncated\ta\tb");
        int done = 0;
        foreach (LabelledPair[] chunk in file.Read().Chunk(PairsPerCall))
        {
            IReadOnlyList<PairVerdict> verdicts = await cascade.JudgeAsync([.. chunk.Select(pair => new QuestionPair(pair.Cached, pair.Asked))], cancellationToken);
            foreach ((LabelledPair pair, PairVerdict verdict) in chunk.Zip(verdicts))
            {
                await writer.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{(pair.IsSame ? 1 : 0)}\t{verdict.Cosine:R}\t{verdict.Logit:R}\t{(verdict.IsTruncated ? 1 : 0)}\t{pair.Cached}\t{pair.Asked}"));
            }

            done += chunk.Length;
            Console.WriteLine($"{done:N0} of {file.Count:N0} pairs, {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s");
        }

        await writer.DisposeAsync();
        File.Move(target + ".part", target, overwrite: true);
    }
}
