using CacheProxy.SemanticCache;

namespace CacheProxy.Tests.SemanticCache;

/// <summary>The default policy with the bundled models on pairs written by hand.</summary>
public sealed class RealModelTests(RealEncoders encoders, ITestOutputHelper output) : IClassFixture<RealEncoders>
{
    [Fact]
    public async Task DefaultPolicy_AdversarialPairs_ServesNoneInEitherOrder()
    {
        string[][] pairs = [.. SemanticFixtures.Rows("adversarial_pairs.tsv")];
        var served = new List<string>();
        foreach (string[] row in pairs)
        {
            await CollectServedAsync(row[1], row[2], served);
            await CollectServedAsync(row[2], row[1], served);
        }

        Assert.InRange(pairs.Length, 100, int.MaxValue);
        Assert.Empty(served);
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
    public async Task DefaultPolicy_HandmadePairs_ServesAtMostOneOfTheFortyNegatives()
    {
        int[] served = new int[2], passedGuards = new int[2];
        foreach (string[] row in SemanticFixtures.Rows("handmade_pairs.tsv"))
        {
            int label = int.Parse(row[0]);
            SemanticDecision decision = await DecideAsync(row[1], row[2]);
            served[label] += decision.IsHit ? 1 : 0;
            passedGuards[label] += decision.Best is { Guard: null } ? 1 : 0;
        }

        output.WriteLine($"served {served[1]} of 40 positives, {served[0]} of 40 negatives; past the guards {passedGuards[1]} and {passedGuards[0]}");
        Assert.InRange(served[0], 0, 1);
        Assert.InRange(served[1], 1, 40);
        Assert.InRange(passedGuards[0], 0, 4);
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

    private async Task CollectServedAsync(string cached, string asked, List<string> served)
    {
        if ((await DecideAsync(cached, asked)).IsHit)
        {
            served.Add($"{cached} / {asked}");
        }
    }

    private async Task<SemanticDecision> DecideAsync(string cached, string asked)
    {
        using var sut = new LookupHarness(encoders.Embedder, encoders.Verifier, score: encoders.Score);
        await sut.AnswerAsync(cached);
        return await sut.AskAsync(asked);
    }
}
