using CacheProxy.Exchange;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Guards;
using CacheProxy.SemanticCache.Index;
using CacheProxy.SemanticCache.Policies;
using CacheProxy.SemanticCache.Policies.Learned;
using CacheProxy.SemanticCache.Prefilter;
using CacheProxy.SemanticCache.Questions;
using CacheProxy.SemanticCache.Scoring;
using CacheProxy.SemanticCache.Text;
using CacheProxy.TestKit;
using CacheProxy.Tests.SemanticCache.Index;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Tests.SemanticCache;

/// <summary>The stage with fakes for what it calls, or with real encoders.</summary>
internal sealed class LookupHarness : IDisposable
{
    private readonly MemoryVectorIndex _memory;
    private readonly StaticPrefilter? _prefilter;
    private int _entries;

    public LookupHarness(
        IEmbedder? embedder = null, IVerifier? verifier = null, SemanticOptions? options = null, IStaticEmbedder? staticEmbedder = null, ITokenLimit? limit = null,
        CascadeScore? score = null)
    {
        Score = score ?? DefaultScore;
        Embedder = embedder ?? new FakeEmbedder();
        Verifier = verifier ?? new FakeVerifier();
        Options = new TestOptions<SemanticOptions>(options ?? new SemanticOptions());
        _memory = new MemoryVectorIndex(Embedder.Dimensions, long.MaxValue, Time);
        _prefilter = staticEmbedder is null ? null : new StaticPrefilter(staticEmbedder, Time);
        _memory.Mirror = _prefilter;
        Index = new FaultyVectorIndex(_memory);
        Sut = new SemanticLookup(
            Embedder, Index, new GuardChain(Options.CurrentValue.DisabledGuards), Verifier, Score, Policy(),
            [Store], Options, Time, NullLogger<SemanticLookup>.Instance, _prefilter, limit);
    }

    /// <summary>Round coefficients near the bundled ones: at cosine 1 a logit of 3.9 and more is served.</summary>
    public static CascadeScore DefaultScore { get; } = new(new CascadeModel
    {
        Verifier = "fake-verifier",
        MinimumCosine = 0.6,
        DefaultThreshold = 0.95,
        Intercept = -0.5,
        Logit = 0.6,
        Cosine = 1.2,
    });

    public CascadeScore Score { get; }

    private ScopedPolicy Policy()
    {
        var rules = new ScopeRules(Options);
        return new ScopedPolicy(
            rules, new StaticPolicy(Score.DefaultThreshold, rules), new LearnedPolicy(_ => new LearnedSettings(0.01, 0.05, 0.8, 0)), (_, _) => false);
    }

    public FakeTimeProvider Time { get; } = new();

    public IEmbedder Embedder { get; }

    public IVerifier Verifier { get; }

    public TestOptions<SemanticOptions> Options { get; }

    public FaultyVectorIndex Index { get; }

    public FakeEntryStore Store { get; } = new();

    public SemanticLookup Sut { get; }

    public static Fingerprint256 Partition { get; } = RandomVectors.Fingerprint(1);

    /// <summary>Records an answer to the question and makes it findable.</summary>
    public async Task<CacheEntry> AnswerAsync(string text, int ttlSeconds = 3600, Fingerprint256? partition = null)
    {
        CacheEntry entry = FakeEntryStore.Entry(RandomVectors.Fingerprint(1000 + _entries++), Time.GetUtcNow(), ttlSeconds);
        await Store.SetAsync(entry, CancellationToken.None);
        string question = IndexedText.QuestionOf(text);
        Embedding embedding = await Embedder.EmbedAsync(question, CancellationToken.None);
        Fingerprint256 derived = new SemanticPartition(Embedder.Fingerprint, Verifier.Fingerprint)
            .Derive(partition ?? Partition, ScriptDetector.Detect(question));
        await _memory.UpsertAsync(
            new IndexedQuestion(derived, entry.Fingerprint, text, entry.FreshUntil), embedding.Vector, CancellationToken.None);
        return entry;
    }

    public Task<SemanticDecision> AskAsync(string? text, SemanticWish wish = default, CacheDirectives directives = default, Fingerprint256? partition = null)
        => LookupAsync(new SemanticQuery { Scope = "scope", Partition = partition ?? Partition, Text = text, Wish = wish, Directives = directives });

    public Task<SemanticDecision> LookupAsync(SemanticQuery query) => Sut.LookupAsync(query, TestContext.Current.CancellationToken).AsTask();

    public void Dispose()
    {
        _memory.Dispose();
        _prefilter?.Dispose();
    }
}
