using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Cascade;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Guards;
using CacheProxy.SemanticCache.Policies;

namespace CacheProxy.Tests.SemanticCache.Cascade;

public sealed class PairCascadeTests
{
    private readonly FakeEmbedder _embedder = new();
    private readonly FakeVerifier _verifier = new();

    [Fact]
    public async Task Judge_EachStage_EndsThePairThatItRules()
    {
        _verifier.Score = pair => pair.Asked.Contains("verbatim", StringComparison.Ordinal) ? new VerifierScore(9, true)
            : new VerifierScore(pair.Asked.Contains("roughly", StringComparison.Ordinal) ? -3 : 6, false);
        const string Cached = "What is the capital city of France today?";
        (string Asked, PairStage Stage)[] expected =
        [
            ("", PairStage.Eligibility),
            ("Bake bread with yeast overnight please", PairStage.Similarity),
            ("What is the capital city of France in 1950 today?", PairStage.Guards),
            ("What is the capital city of France verbatim today?", PairStage.Verifier),
            ("What is the capital city of France roughly today?", PairStage.Policy),
            ("what is the capital city of France today", PairStage.Served),
        ];

        IReadOnlyList<PairVerdict> verdicts = await Sut().JudgeAsync(
            [.. expected.Select(row => new QuestionPair(Cached, row.Asked))], TestContext.Current.CancellationToken);

        Assert.Equal(expected.Select(row => row.Stage), verdicts.Select(verdict => verdict.Stage));
        Assert.All(verdicts, verdict => Assert.Equal(verdict.Stage == PairStage.Served, verdict.Serves));
        Assert.All(verdicts, verdict => Assert.Equal(verdict.Stage >= PairStage.Policy, verdict.Score > 0));
        Assert.Equal(SemanticReason.EmptyText, verdicts[0].Unfit);
        Assert.Contains("numbers", verdicts[2].Vetoes);
        Assert.Null(verdicts[2].Logit);
        Assert.Equal(3, _verifier.Seen.Count);
    }

    [Fact]
    public async Task Judge_Thorough_AsksAllStagesAndDecidesTheSame()
    {
        QuestionPair[] pairs =
        [
            new("What is the capital city of France?", "What is the capital city of France in 1950?"),
            new("What is the capital city of France?", "Bake bread with yeast overnight please"),
            new("What is the capital city of France?", "🙂"),
        ];

        IReadOnlyList<PairVerdict> brief = await Sut().JudgeAsync(pairs, TestContext.Current.CancellationToken);
        IReadOnlyList<PairVerdict> thorough = await Sut(isThorough: true).JudgeAsync(pairs, TestContext.Current.CancellationToken);

        Assert.Equal(brief.Select(verdict => (verdict.Stage, verdict.Serves, verdict.Score)), thorough.Select(verdict => (verdict.Stage, verdict.Serves, verdict.Score)));
        Assert.All(brief, verdict => Assert.Null(verdict.Logit));
        Assert.All(thorough, verdict => Assert.NotNull(verdict.Logit));
    }

    [Fact]
    public async Task Judge_ManyPairs_KeepsTheirOrderAndEmbedsEachTextOnce()
    {
        _verifier.Score = pair => new VerifierScore(pair.Asked.Length, false);
        QuestionPair[] pairs = [.. Enumerable.Range(0, 100).Select(i => new QuestionPair(Wordy(0), Wordy(i)))];

        IReadOnlyList<PairVerdict> verdicts = await Sut(isThorough: true).JudgeAsync(pairs, TestContext.Current.CancellationToken);

        Assert.Equal(pairs.Select(pair => (float?)pair.Asked.Length), verdicts.Select(verdict => verdict.Logit));
        Assert.Equal(100, _embedder.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Judge_FailingModel_Throws(bool isEmbedder)
    {
        (isEmbedder ? (Action<Exception>)(fault => _embedder.Failure = fault) : fault => _verifier.Failure = fault)(new EncoderUnavailableException("model", null));

        await Assert.ThrowsAsync<EncoderUnavailableException>(async () => await Sut().JudgeAsync(
            [new QuestionPair("How do I sort a list?", "how do I sort a list")], TestContext.Current.CancellationToken));
    }

    private static string Wordy(int count) => "Name cheeses " + string.Join(' ', Enumerable.Repeat("please", count));

    private PairCascade Sut(bool isThorough = false)
    {
        var options = new TestOptions<SemanticOptions>(new SemanticOptions());
        return new PairCascade(_embedder, new GuardChain(), _verifier, LookupHarness.DefaultScore, new StaticPolicy(LookupHarness.DefaultScore.DefaultThreshold, options), options, TimeProvider.System)
        {
            IsThorough = isThorough,
        };
    }
}
