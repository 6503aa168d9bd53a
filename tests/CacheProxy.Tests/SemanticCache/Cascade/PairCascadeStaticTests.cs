using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Cascade;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Guards;
using CacheProxy.SemanticCache.Policies;

namespace CacheProxy.Tests.SemanticCache.Cascade;

/// <summary>The static vectors rule the pairs of the tools out as they do a request.</summary>
public sealed class PairCascadeStaticTests
{
    private const string Cached = "What is the capital of France?";

    private static readonly QuestionPair[] Pairs =
        [new(Cached, "What is the capital city of France?"), new(Cached, "How do I bake bread overnight?"), new(Cached, "Paris \U0001F600 \U0001F389")];

    [Fact]
    public async Task Judge_WordsFarApart_EndsThere()
    {
        var verifier = new FakeVerifier();

        IReadOnlyList<PairVerdict> verdicts = await JudgeAsync(new SemanticOptions(), verifier, RealEncoders.Static);

        Assert.Equal(PairStage.Served, verdicts[0].Stage);
        Assert.Equal(PairStage.StaticEmbedding, verdicts[1].Stage);
        Assert.InRange(verdicts[0].StaticCosine!.Value, 0.6f, 1f);
        Assert.InRange(verdicts[1].StaticCosine!.Value, -1f, 0.6f);
        Assert.Equal(0, verdicts[1].Score);
        Assert.Single(verifier.Seen);
    }

    [Fact]
    public async Task Judge_WordsNotKnown_StepsAside()
    {
        PairVerdict verdict = (await JudgeAsync(new SemanticOptions(), new FakeVerifier(), RealEncoders.Static))[2];

        Assert.Null(verdict.StaticCosine);
        Assert.Equal(PairStage.Similarity, verdict.Stage);
    }

    [Fact]
    public async Task Judge_SwitchedOff_OnlyMeasures()
    {
        PairVerdict verdict = (await JudgeAsync(new SemanticOptions { Prefilter = false }, new FakeVerifier(), RealEncoders.Static))[1];

        Assert.NotNull(verdict.StaticCosine);
        Assert.Equal(PairStage.Similarity, verdict.Stage);
    }

    private static async Task<IReadOnlyList<PairVerdict>> JudgeAsync(SemanticOptions options, FakeVerifier verifier, IStaticEmbedder words)
    {
        var monitor = new TestOptions<SemanticOptions>(options);
        var sut = new PairCascade(
            new FakeEmbedder(), new GuardChain(), verifier, LookupHarness.DefaultScore, new StaticPolicy(LookupHarness.DefaultScore.DefaultThreshold, monitor), monitor, TimeProvider.System, words);
        return await sut.JudgeAsync(Pairs, TestContext.Current.CancellationToken);
    }
}
