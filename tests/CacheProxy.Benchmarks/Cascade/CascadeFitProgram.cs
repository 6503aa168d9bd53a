using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using CacheProxy.Onnx.Encoders;
using CacheProxy.Onnx.Models;
using CacheProxy.Onnx.Sessions;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Cascade;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Guards;
using CacheProxy.SemanticCache.Policies;
using CacheProxy.SemanticCache.Scoring;
using CacheProxy.SemanticCache.Text;
using CacheProxy.TestKit;

namespace CacheProxy.Benchmarks.Cascade;

/// <summary>
/// Makes config/models/same-answer-minilm/cascade.json. The anchor is the verifier's own calibration (config.json: slope and offset of its logit, two
/// cosines in the combined score, centred where served pairs lie); the weights of the wording are fitted beside it on <see cref="RuleMadePairs"/>.
/// The pairs are blunt, so no feature may do more than nudge. No pair of a judged set is read.
/// </summary>
internal sealed class CascadeFitProgram : IBenchmark
{
    private const int Seed = 20260101;
    private const int Utterances = 250;
    private const int SlotPairs = 500;
    private const double CosineWeight = 2;
    private const double TypicalCosine = 0.9;
    private const double LowestWeight = -0.5;
    private const double Ridge = 10;
    private const double DefaultThreshold = 0.83;

    public string Name => "cascade";

    public string Summary => "fits the cascade's score: [--data ../shared/data] [--write]; prints the coefficients, writes cascade.json and its line in models.json";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        string data = Arguments.Text(arguments, "--data") ?? Repository.File("..", "shared", "data");
        ModelManifest manifest = ModelManifest.Load(Repository.File("config", "models"));
        var factory = new OnnxSessionFactory(new OnnxSessionSettings { IntraOpThreads = 1 });
        using TextEmbedder text = BundledEncoders.LoadEmbedder(manifest, factory);
        using SameAnswerVerifier pairs = BundledEncoders.LoadVerifier(manifest, factory);
        using var embedder = new OnnxEmbedder(text, Environment.ProcessorCount);
        using var verifier = new OnnxVerifier(pairs, Environment.ProcessorCount);
        var anchor = new CascadeModel
        {
            Verifier = verifier.Fingerprint,
            MinimumCosine = 0.6,
            DefaultThreshold = DefaultThreshold,
            Intercept = Math.Round(pairs.Config.PlattB - (pairs.Config.PlattA * CosineWeight * TypicalCosine), 4),
            Logit = Math.Round(pairs.Config.PlattA, 4),
            Cosine = Math.Round(pairs.Config.PlattA * CosineWeight, 4),
        };
        var score = new CascadeScore(anchor);
        var options = new FixedOptions<SemanticOptions>(new SemanticOptions());
        var cascade = new PairCascade(
            new CachingEmbedder(embedder, 1 << 14), new GuardChain(), verifier, score, new StaticPolicy(DefaultThreshold, options), options, TimeProvider.System);
        (bool IsSame, string Cached, string Asked)[] rows = [.. new RuleMadePairs(data, Seed).Read(Utterances, SlotPairs)];
        IReadOnlyList<PairVerdict> verdicts = await cascade.JudgeAsync([.. rows.Select(row => new QuestionPair(row.Cached, row.Asked))], cancellationToken);
        List<(bool Label, double Offset, double[] X)> samples = [.. rows.Zip(verdicts)
            .Where(row => row.Second is { Logit: not null, IsTruncated: false, Score: > 0 and < 1 })
            .Select(row => (row.First.IsSame, Math.Log(row.Second.Score / (1 - row.Second.Score)), Features(row.First.Cached, row.First.Asked)))];
        double[] weights = BoundedLogistic.Fit(samples, LowestWeight, Ridge);
        CascadeModel model = anchor with
        {
            Restricts = Math.Round(weights[0], 4),
            Replaced = Math.Round(weights[1], 4),
            NameAdded = Math.Round(weights[2], 4),
            NumberAdded = Math.Round(weights[3], 4),
            NegationAdded = Math.Round(weights[4], 4),
            OtherKind = Math.Round(weights[5], 4),
        };
        string json = JsonSerializer.Serialize(model, CascadeModelJson.Default.CascadeModel) + "\n";
        Console.WriteLine($"{rows.Length} pairs, {samples.Count} past the guards, {samples.Count(sample => sample.Label)} of them positive");
        Console.WriteLine(json);
        if (arguments.Contains("--write"))
        {
            Write(json);
        }
    }

    private static double[] Features(string cached, string asked)
    {
        PairFeatures f = PairFeatures.Read(new TextPair(new QuestionText(cached), new QuestionText(asked)));
        return [f.Restricts, f.Replaced, f.NameAdded, f.NumberAdded, f.NegationAdded, f.OtherKind];
    }

    private static void Write(string json)
    {
        const string File = "same-answer-minilm/cascade.json";
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(json);
        System.IO.File.WriteAllBytes(Repository.File("config", "models", "same-answer-minilm", "cascade.json"), bytes);
        string path = Repository.File("config", "models", "models.json");
        JsonNode manifest = JsonNode.Parse(System.IO.File.ReadAllText(path))!;
        JsonNode entry = manifest["models"]!.AsArray().SelectMany(model => model!["files"]!.AsArray()).Single(file => file!["file"]!.GetValue<string>() == File)!;
        entry["bytes"] = bytes.Length;
        entry["sha256"] = Convert.ToHexStringLower(SHA256.HashData(bytes));
        System.IO.File.WriteAllText(path, manifest.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n");
    }
}
