using CacheProxy.Exchange;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.Tests.SemanticCache.Index;

namespace CacheProxy.Tests.SemanticCache;

public sealed class SemanticLookupTests
{
    private const string Question = "What is the capital of France?";
    private const string Rephrased = "What is the capital city of France?";

    [Fact]
    public async Task Lookup_RephrasedQuestion_ServesTheEntryWithItsSimilarity()
    {
        using var sut = new LookupHarness();
        CacheEntry entry = await sut.AnswerAsync(Question);

        SemanticDecision decision = await sut.AskAsync(Rephrased);

        Assert.Same(entry, decision.Entry);
        Assert.Equal(SemanticReason.None, decision.Reason);
        Assert.InRange(decision.Best!.Similarity, 0.6f, 0.999f);
        Assert.Equal(sut.Score.Weigh(decision.Best.Similarity, 5, default).Probability, decision.Best.Score!.Value, 6);
        Assert.False(decision.Vector.IsEmpty);
    }

    [Fact]
    public async Task Lookup_NothingIndexed_FindsNoNeighbour()
    {
        using var sut = new LookupHarness();

        Assert.Equal(SemanticReason.NoNeighbour, (await sut.AskAsync(Question)).Reason);
    }

    [Fact]
    public async Task Lookup_GuardVetoes_NamesTheGuardAndNeverAsksTheVerifier()
    {
        var verifier = new FakeVerifier();
        using var sut = new LookupHarness(verifier: verifier);
        await sut.AnswerAsync("What is 15 percent of 80 dollars?");

        SemanticDecision decision = await sut.AskAsync("What is 15 percent of 90 dollars?");

        Assert.Equal(SemanticReason.Guarded, decision.Reason);
        Assert.Equal("numbers", Assert.Single(decision.Candidates).Guard);
        Assert.Empty(verifier.Seen);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(3.0f)]
    public async Task Lookup_VerifierBelowTheThresholdOrNoNumber_IsAMiss(float logit)
    {
        var verifier = new FakeVerifier { Score = _ => new VerifierScore(logit, false) };
        using var sut = new LookupHarness(verifier: verifier);
        await sut.AnswerAsync(Question);

        SemanticDecision decision = await sut.AskAsync(Rephrased);

        Assert.Equal(SemanticReason.BelowThreshold, decision.Reason);
        Assert.Null(decision.Entry);
    }

    [Fact]
    public async Task Lookup_BelowTheThreshold_TellsTheNearMissAndWhatItLacked()
    {
        var verifier = new FakeVerifier { Score = _ => new VerifierScore(1.5f, false) };
        using var sut = new LookupHarness(verifier: verifier);
        CacheEntry entry = await sut.AnswerAsync(Question);

        NearMiss near = Assert.IsType<NearMiss>((await sut.AskAsync(Rephrased)).NearMiss);

        Assert.Equal(("below_threshold", null, entry.Fingerprint, 0.95), (near.Reason, near.Guard, near.Entry, near.Threshold));
        Assert.InRange(near.Similarity, 0.6f, 0.999f);
        Assert.Equal(sut.Score.Weigh(near.Similarity, 1.5f, default).Probability, near.Probability, 6);
    }

    [Fact]
    public async Task Lookup_Guarded_TellsTheNearMissWithoutAProbability()
    {
        using var sut = new LookupHarness();
        await sut.AnswerAsync("What is 15 percent of 80 dollars?");

        NearMiss near = Assert.IsType<NearMiss>((await sut.AskAsync("What is 15 percent of 90 dollars?")).NearMiss);

        Assert.Equal(("guarded", "numbers", double.NaN, double.NaN), (near.Reason, near.Guard, near.Probability, near.Threshold));
    }

    [Fact]
    public async Task Lookup_HitOrNothingNear_IsNoNearMiss()
    {
        using var sut = new LookupHarness();
        Assert.Null((await sut.AskAsync(Rephrased)).NearMiss);
        await sut.AnswerAsync(Question);
        Assert.Null((await sut.AskAsync(Rephrased)).NearMiss);
    }

    [Fact]
    public async Task Lookup_TruncatedPair_IsNeverServed()
    {
        var verifier = new FakeVerifier { Score = _ => new VerifierScore(9f, true) };
        using var sut = new LookupHarness(verifier: verifier);
        await sut.AnswerAsync(Question);

        Assert.Equal(SemanticReason.Truncated, (await sut.AskAsync(Rephrased)).Reason);
    }

    [Fact]
    public async Task Lookup_TruncatedEmbedding_IsNeverServed()
    {
        var embedder = new FakeEmbedder();
        using var sut = new LookupHarness(embedder);
        await sut.AnswerAsync(Question);
        embedder.IsTruncating = true;

        Assert.Equal(SemanticReason.TooLong, (await sut.AskAsync(Rephrased)).Reason);
    }

    [Fact]
    public async Task Lookup_NearestServable_AsksTheVerifierOnce()
    {
        var verifier = new FakeVerifier();
        using var sut = new LookupHarness(verifier: verifier);
        await sut.AnswerAsync(Question);
        CacheEntry nearest = await sut.AnswerAsync(Rephrased);

        Assert.Same(nearest, (await sut.AskAsync(Rephrased)).Entry);
        Assert.Equal(Rephrased, Assert.Single(verifier.Seen).Cached);
    }

    [Fact]
    public async Task Lookup_NearestRefused_TakesTheBestOfTheOthers()
    {
        var verifier = new FakeVerifier
        {
            Score = pair => new VerifierScore(pair.Cached.Contains("please", StringComparison.Ordinal) ? 7f : pair.Cached == Rephrased ? 0f : 5f, false),
        };
        using var sut = new LookupHarness(verifier: verifier);
        await sut.AnswerAsync(Rephrased);
        await sut.AnswerAsync(Question);
        CacheEntry best = await sut.AnswerAsync(Question + " please");

        Assert.Same(best, (await sut.AskAsync(Rephrased)).Entry);
        Assert.Equal(3, verifier.Seen.Count);
    }

    [Fact]
    public async Task Lookup_ManyNeighbours_VerifiesThree()
    {
        var verifier = new FakeVerifier { Score = _ => new VerifierScore(0f, false) };
        using var sut = new LookupHarness(verifier: verifier);
        foreach (string end in new[] { "", " please", " today please tell", " tell me please", " thanks", " thank you" })
        {
            await sut.AnswerAsync($"What is the capital of France{end}");
        }

        await sut.AskAsync(Question);

        Assert.Equal(3, verifier.Seen.Count);
        Assert.All(verifier.Seen, pair => Assert.Equal(Question, pair.Asked));
    }

    [Fact]
    public async Task Lookup_EntryGone_ServesTheNext()
    {
        using var sut = new LookupHarness();
        CacheEntry gone = await sut.AnswerAsync(Rephrased);
        CacheEntry kept = await sut.AnswerAsync(Question);
        await sut.Store.RemoveAsync(gone.Fingerprint, CancellationToken.None);

        Assert.Same(kept, (await sut.AskAsync(Rephrased)).Entry);
        await sut.Store.RemoveAsync(kept.Fingerprint, CancellationToken.None);
        Assert.Equal(SemanticReason.EntryGone, (await sut.AskAsync(Rephrased)).Reason);
    }

    [Fact]
    public async Task Lookup_EntryOfAnotherScope_IsNotServed()
    {
        using var sut = new LookupHarness();
        CacheEntry entry = await sut.AnswerAsync(Question);
        await sut.Store.SetAsync(entry with { Scope = "another" }, CancellationToken.None);

        Assert.Equal(SemanticReason.EntryGone, (await sut.AskAsync(Rephrased)).Reason);
    }

    [Fact]
    public async Task Lookup_EntryStale_IsNotServed()
    {
        using var sut = new LookupHarness();
        await sut.AnswerAsync(Question, ttlSeconds: 60);
        sut.Time.Advance(TimeSpan.FromSeconds(60));

        Assert.False((await sut.AskAsync(Rephrased)).IsHit);
    }

    [Theory]
    [InlineData(100, null, true)]
    [InlineData(99, null, false)]
    [InlineData(null, 3500, true)]
    [InlineData(null, 3501, false)]
    public async Task Lookup_ClientLimitsAge_ServesOnlyWithin(int? maxAge, int? minFresh, bool isHit)
    {
        using var sut = new LookupHarness();
        await sut.AnswerAsync(Question, ttlSeconds: 3600);
        sut.Time.Advance(TimeSpan.FromSeconds(100));

        SemanticDecision decision = await sut.AskAsync(
            Rephrased, directives: new CacheDirectives { MaxAgeSeconds = maxAge, MinFreshSeconds = minFresh });

        Assert.Equal(isHit, decision.IsHit);
    }

    [Theory]
    [InlineData(0.1f, true)]
    [InlineData(0.99f, false)]
    public async Task Lookup_ClientAsksForASimilarity_CanOnlyTighten(float minimum, bool isHit)
    {
        using var sut = new LookupHarness();
        await sut.AnswerAsync(Question);

        Assert.Equal(isHit, (await sut.AskAsync(Rephrased, new SemanticWish(false, minimum))).IsHit);
        Assert.False((await sut.AskAsync("Who won the chess game?", new SemanticWish(false, minimum))).IsHit);
    }

    [Theory]
    [InlineData(null, SemanticReason.NoQuestion)]
    [InlineData("", SemanticReason.EmptyText)]
    [InlineData(" \t\n", SemanticReason.EmptyText)]
    [InlineData("🙂🎉", SemanticReason.EmptyText)]
    [InlineData("\u200B\u200D", SemanticReason.HiddenText)]
    [InlineData("What is it?", SemanticReason.EmptyText)]
    [InlineData("Fix this:\n```\nx = 1\n```", SemanticReason.CodeHeavy)]
    [InlineData("int a = 1;\nint b = 2;\nprint(a);", SemanticReason.CodeHeavy)]
    [InlineData("法国的首都是什么？", SemanticReason.Language)]
    [InlineData("Какая столица Франции?", SemanticReason.Language)]
    [InlineData("ما هي عاصمة فرنسا؟", SemanticReason.Language)]
    [InlineData("Was ist die Hauptstadt von Frankreich?", SemanticReason.Language)]
    [InlineData("Quelle est la capitale de la France ?", SemanticReason.Language)]
    [InlineData("¿Cuál es la capital de Francia?", SemanticReason.Language)]
    public async Task Lookup_UnfitText_GoesByWithTheReason(string? text, SemanticReason reason)
    {
        var embedder = new FakeEmbedder();
        using var sut = new LookupHarness(embedder);

        Assert.Equal(reason, (await sut.AskAsync(text)).Reason);
        Assert.Equal(0, embedder.Calls);
    }

    [Fact]
    public async Task Lookup_TooManyCharacters_GoesBy()
    {
        using var sut = new LookupHarness();

        Assert.Equal(SemanticReason.TooLong, (await sut.AskAsync(new string('x', 100_000))).Reason);
    }

    [Fact]
    public async Task Lookup_OptOutAndOff_GoBy()
    {
        using var sut = new LookupHarness();
        await sut.AnswerAsync(Question);

        Assert.Equal(SemanticReason.ClientOptOut, (await sut.AskAsync(Rephrased, new SemanticWish(true, 0))).Reason);
        sut.Options.CurrentValue = new SemanticOptions { Policy = SemanticOptions.OffPolicy };
        Assert.Equal(SemanticReason.PolicyOff, (await sut.AskAsync(Rephrased)).Reason);
    }

    [Fact]
    public async Task Lookup_Shadow_RecordsWhatItWouldHaveServedAndServesNothing()
    {
        using var sut = new LookupHarness(options: new SemanticOptions { Policy = SemanticOptions.ShadowPolicy });
        CacheEntry entry = await sut.AnswerAsync(Question);

        SemanticDecision decision = await sut.AskAsync(Rephrased);

        Assert.Equal(SemanticReason.Shadowed, decision.Reason);
        Assert.Null(decision.Entry);
        Assert.Equal(entry.Fingerprint, decision.Best!.Fingerprint);
    }

    [Fact]
    public async Task Lookup_ThresholdReloaded_AppliesAtOnce()
    {
        using var sut = new LookupHarness();
        await sut.AnswerAsync(Question);
        sut.Options.CurrentValue = new SemanticOptions { Threshold = 0.99 };
        Assert.Equal(SemanticReason.BelowThreshold, (await sut.AskAsync(Rephrased)).Reason);

        sut.Options.CurrentValue = new SemanticOptions { Threshold = 0.9 };

        Assert.True((await sut.AskAsync(Rephrased)).IsHit);
    }

    [Fact]
    public async Task Lookup_OtherPartitionEmbedderOrVerifier_NeverHits()
    {
        using var sut = new LookupHarness();
        await sut.AnswerAsync(Question);

        Assert.Equal(SemanticReason.NoNeighbour, (await sut.AskAsync(Rephrased, partition: RandomVectors.Fingerprint(2))).Reason);
        Assert.Equal(4, new[]
        {
            new SemanticPartition("e", "v"), new SemanticPartition("e2", "v"), new SemanticPartition("e", "v2"), new SemanticPartition("", "ev"),
        }.Select(p => p.Derive(LookupHarness.Partition, CacheProxy.SemanticCache.Text.Script.Latin)).Distinct().Count());
    }

    [Fact]
    public async Task Lookup_IndexAnswersNonsense_IsAMiss()
    {
        using var sut = new LookupHarness();
        await sut.AnswerAsync(Question);
        sut.Index.Distort = neighbour => neighbour with { Similarity = float.NaN };
        Assert.False((await sut.AskAsync(Rephrased)).IsHit);

        sut.Index.Distort = neighbour => neighbour with { Similarity = 0.3f };

        Assert.False((await sut.AskAsync(Rephrased)).IsHit);
    }
}
