using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Cascade;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Guards;
using CacheProxy.SemanticCache.Policies;

namespace CacheProxy.Tests.SemanticCache;

/// <summary>The default policy with the bundled models on pairs written by hand.</summary>
public sealed class RealModelTests(RealEncoders encoders, ITestOutputHelper output) : IClassFixture<RealEncoders>
{
    [Fact]
    public async Task DefaultPolicy_AdversarialPairs_ServesAtMostHalfAPercentOfThoseThatDiffer()
    {
        string[][] rows = [.. SemanticFixtures.Rows("adversarial_pairs.tsv").Skip(1)];
        IReadOnlyList<PairVerdict> verdicts = await JudgeAsync([.. rows.Select(row => new QuestionPair(row[1], row[2])), .. rows.Select(row => new QuestionPair(row[2], row[1]))]);

        (string[] Row, bool Serves)[] judged = [.. rows.Concat(rows).Zip(verdicts, (row, verdict) => (row, verdict.Serves))];
        int differing = judged.Count(pair => pair.Row[0] == "0"), same = judged.Length - differing;
        string[] wrong = [.. judged.Where(pair => pair.Row[0] == "0" && pair.Serves).Select(pair => string.Join(" / ", pair.Row))];
        int right = judged.Count(pair => pair.Row[0] == "1" && pair.Serves);
        output.WriteLine($"both orders: {wrong.Length} of {differing} differing, {right} of {same} same served");
        foreach (string pair in wrong)
        {
            output.WriteLine(pair);
        }

        Assert.InRange(differing, 1200, int.MaxValue);
        Assert.InRange(same, 300, int.MaxValue);
        Assert.InRange(wrong.Length, 0, differing / 200);
        Assert.InRange(right, same * 7 / 10, same);
    }

    [Fact]
    public async Task DefaultPolicy_PlainParaphrases_ServesAll()
    {
        foreach (string[] row in SemanticFixtures.Rows("served_paraphrases.tsv"))
        {
            SemanticDecision decision = await DecideAsync(row[0], row[1]);
            Assert.True(decision.IsHit, $"{row[0]} / {row[1]}: {decision.Reason}, score {decision.Best?.Score}, guard {decision.Best?.Guard}");
        }
    }

    [Fact]
    public async Task DefaultPolicy_HandmadePairs_ServesTwelvePositivesAndAtMostOneNegative()
    {
        string[][] rows = [.. SemanticFixtures.Rows("handmade_pairs.tsv")];
        IReadOnlyList<PairVerdict> verdicts = await JudgeAsync([.. rows.Select(row => new QuestionPair(row[1], row[2]))]);

        int right = rows.Zip(verdicts).Count(pair => pair.First[0] == "1" && pair.Second.Serves), wrong = rows.Zip(verdicts).Count(pair => pair.First[0] == "0" && pair.Second.Serves);
        int vetoed = rows.Zip(verdicts).Count(pair => pair.First[0] == "1" && pair.Second.Veto is not null);
        output.WriteLine($"served {right} of 40 positives, {wrong} of 40 negatives; guards veto {vetoed} positives");
        Assert.InRange(wrong, 0, 1);
        Assert.InRange(right, 12, 40);
        Assert.InRange(vetoed, 0, 2);
    }

    [Fact]
    public async Task Lookup_LongQuestion_IsNotServedOnWhatTheVerifierDidNotRead()
    {
        string text = "What is the capital of France? " + string.Join(' ', Enumerable.Repeat("I ask because my friends argue about it.", 20));

        SemanticDecision decision = await DecideAsync(text, text + " Please.");

        Assert.Contains(decision.Reason, new[] { SemanticReason.Truncated, SemanticReason.TooLong });
    }

    [Fact]
    public async Task Lookup_OddTexts_AreMissesAndNeverStored()
    {
        string[] texts = ["a", "?!", "🙂🙂🙂", "\u200B\u200D\uFEFF", "\u202Eecnarf fo latipac", "\uD800 lone", "mixed текст and text", "مرحبا", new string('z', 999), "\0\0\0"];
        foreach (string text in texts)
        {
            foreach (string other in texts.Where(t => t != text))
            {
                Assert.False((await DecideAsync(text, other)).IsHit, $"{text} / {other}");
            }
        }
    }

    private async Task<IReadOnlyList<PairVerdict>> JudgeAsync(IReadOnlyList<QuestionPair> pairs)
    {
        var options = new TestOptions<SemanticOptions>(new SemanticOptions());
        var cascade = new PairCascade(
            encoders.Embedder, new GuardChain(), encoders.Verifier, encoders.Score, new StaticPolicy(encoders.Score.DefaultThreshold, options), options, TimeProvider.System);
        return await cascade.JudgeAsync(pairs, TestContext.Current.CancellationToken);
    }

    private async Task<SemanticDecision> DecideAsync(string cached, string asked)
    {
        using var sut = new LookupHarness(encoders.Embedder, encoders.Verifier, score: encoders.Score);
        await sut.AnswerAsync(cached);
        return await sut.AskAsync(asked);
    }
}
