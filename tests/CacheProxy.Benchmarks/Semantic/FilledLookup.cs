using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Onnx.Encoders;
using CacheProxy.Onnx.Models;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Guards;
using CacheProxy.SemanticCache.Index;
using CacheProxy.SemanticCache.Policies;
using CacheProxy.SemanticCache.Prefilter;
using CacheProxy.SemanticCache.Scoring;
using CacheProxy.SemanticCache.Text;
using CacheProxy.Stores.Memory;
using CacheProxy.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CacheProxy.Benchmarks.Semantic;

/// <summary>The product's look-up over one full partition: some questions about countries, each stored in three wordings, among people's own.</summary>
internal sealed class FilledLookup
{
    private static readonly string[] Subjects =
    [
        "France", "Japan", "Brazil", "Kenya", "Norway", "Canada", "Egypt", "Peru", "India", "Spain", "Poland", "Chile", "Ghana", "Nepal", "Cuba",
        "Italy", "Greece", "Sweden", "Turkey", "Mexico",
    ];

    private FilledLookup(SemanticLookup lookup) => Lookup = lookup;

    public SemanticLookup Lookup { get; }

    /// <summary>Served by its nearest neighbour, after one verified pair.</summary>
    public static string Hit(int number) => $"Tell me the capital of {Subjects[number % Subjects.Length]}.";

    /// <summary>Three candidates, none of which answers it.</summary>
    public static string ThreeVerified(int number) => $"What is the {Of(["population density", "oldest street", "best hotel", "main station", "largest park"], number / Subjects.Length)} of the capital of {Subjects[number % Subjects.Length]}?";

    /// <summary>Nothing that was asked before is like it.</summary>
    public static string ClearMiss(int number)
        => $"Why do {Of(["glaciers", "beetles", "violins", "comets", "mushrooms", "turbines", "fossils"], number)} {Of(["erode", "vibrate", "glow", "migrate", "decay"], number / 7)} near {Of(["volcanoes", "rivers", "magnets", "deserts"], number / 35)} after {(number / 140) + 3} winters?";

    public static async Task<FilledLookup> CreateAsync(
        IEmbedder embedder, IVerifier verifier, TextEmbedder text, int count, CancellationToken cancellationToken)
    {
        const int Texts = 8_000;
        string[] texts = SharedTexts.Read(Texts);
        var vectors = RealisticVectors.Load(text, Texts, asked: 200);
        var options = new FixedOptions(new SemanticOptions { BudgetMilliseconds = 10_000 });
        var prefilter = new StaticPrefilter(
            new BundledStaticEmbedder(BundledEncoders.LoadStatic(ModelManifest.Load(Repository.File("config", "models")))), TimeProvider.System);
        var index = new MemoryVectorIndex(embedder.Dimensions, long.MaxValue, TimeProvider.System) { Mirror = prefilter };
        var store = new MemoryEntryStore(256L << 20, TimeProvider.System);
        var score = new CascadeScore(CascadeModel.Load(Repository.File("config", "models", "same-answer-minilm", "cascade.json"), verifier.Fingerprint));
        var lookup = new SemanticLookup(
            embedder, index, new GuardChain(), verifier, score, new StaticPolicy(score.DefaultThreshold, options), [store], options, TimeProvider.System,
            NullLogger<SemanticLookup>.Instance, prefilter, new EmbedderTokenLimit(text));
        Fingerprint256 partition = new SemanticPartition(embedder.Fingerprint, verifier.Fingerprint).Derive(Query("").Partition, Script.Latin);
        for (int i = 0; i < count; i++)
        {
            bool isOurs = i < Subjects.Length * 3;
            string question = isOurs ? Stored(i) : $"{texts[i % texts.Length]} ({i})";
            ReadOnlyMemory<float> vector = isOurs ? (await embedder.EmbedAsync(question, cancellationToken)).Vector : vectors.Stored(i);
            index.Upsert(new IndexedQuestion(partition, Fingerprint(i + 1), question, DateTimeOffset.MaxValue), vector.Span);
            if (isOurs)
            {
                await store.SetAsync(Entry(Fingerprint(i + 1)), cancellationToken);
            }
        }

        return new FilledLookup(lookup);
    }

    public static SemanticQuery Query(string text) => new() { Scope = "", Partition = Fingerprint(0), Text = text };

    private static string Of(string[] words, int number) => words[number % words.Length];

    private static string Stored(int number)
        => (number % 3 == 0 ? "What is" : number % 3 == 1 ? "What's" : "what is") + $" the capital of {Subjects[number / 3]}?";

    private static Fingerprint256 Fingerprint(int number)
    {
        Span<byte> bytes = stackalloc byte[Fingerprint256.SizeBytes];
        BitConverter.TryWriteBytes(bytes, (ulong)(number + 1) * 0x9E3779B97F4A7C15);
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
