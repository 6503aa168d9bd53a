using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Encoders;

namespace CacheProxy.Tests.SemanticCache;

/// <summary>Whatever the stage calls fails or stalls: the request goes on as a miss, within the budget.</summary>
public sealed class SemanticFaultTests
{
    private const string Question = "What is the capital of France?";

    [Fact]
    public async Task Lookup_EmbedderThrows_IsAMiss()
    {
        var embedder = new FakeEmbedder();
        using var sut = new LookupHarness(embedder);
        await sut.AnswerAsync(Question);
        embedder.Failure = new InvalidOperationException("broken");

        Assert.Equal(SemanticReason.EmbedderFailed, (await sut.AskAsync(Question)).Reason);
        embedder.Failure = null;
        Assert.True((await sut.AskAsync(Question)).IsHit);
    }

    [Fact]
    public async Task Lookup_IndexThrows_IsAMiss()
    {
        using var sut = new LookupHarness();
        sut.Index.Failure = new TimeoutException("gone");

        SemanticDecision decision = await sut.AskAsync(Question);

        Assert.Equal(SemanticReason.IndexFailed, decision.Reason);
        Assert.False(decision.Vector.IsEmpty);
    }

    [Fact]
    public async Task Lookup_VerifierThrows_IsAMiss()
    {
        var verifier = new FakeVerifier { Failure = new EncoderUnavailableException("verifier", null) };
        using var sut = new LookupHarness(verifier: verifier);
        await sut.AnswerAsync(Question);

        Assert.Equal(SemanticReason.VerifierFailed, (await sut.AskAsync(Question)).Reason);
    }

    [Fact]
    public async Task Lookup_VerifierGivesTooFewScores_IsAMiss()
    {
        using var sut = new LookupHarness(verifier: new ShortVerifier());
        await sut.AnswerAsync(Question);

        Assert.Equal(SemanticReason.VerifierFailed, (await sut.AskAsync(Question)).Reason);
    }

    [Fact]
    public async Task Lookup_StoreThrows_IsAMiss()
    {
        using var sut = new LookupHarness();
        await sut.AnswerAsync(Question);
        sut.Store.Failure = new IOException("disk");

        Assert.Equal(SemanticReason.StoreFailed, (await sut.AskAsync(Question)).Reason);
    }

    [Theory]
    [InlineData("embedder")]
    [InlineData("index")]
    [InlineData("verifier")]
    public async Task Lookup_StepStallsAndIgnoresItsCancellation_GoesOnWhenTheBudgetEnds(string step)
    {
        var embedder = new FakeEmbedder();
        var verifier = new FakeVerifier();
        using var sut = new LookupHarness(embedder, verifier);
        await sut.AnswerAsync(Question);
        var stall = new TaskCompletionSource();
        embedder.Stall = step == "embedder" ? stall : null;
        sut.Index.Stall = step == "index" ? stall : null;
        verifier.Stall = step == "verifier" ? stall : null;

        Task<SemanticDecision> pending = sut.AskAsync(Question);
        sut.Time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.False(pending.IsCompleted);
        sut.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(SemanticReason.BudgetSpent, (await pending).Reason);
        stall.SetResult();
    }

    [Fact]
    public async Task Lookup_ClientGoesAway_IsCancelledNotAMiss()
    {
        var embedder = new FakeEmbedder { Stall = new TaskCompletionSource() };
        using var sut = new LookupHarness(embedder);
        using var client = new CancellationTokenSource();
        Task<SemanticDecision> pending = sut.Sut.LookupAsync(
            new SemanticQuery { Scope = "scope", Partition = LookupHarness.Partition, Text = Question }, client.Token).AsTask();

        await client.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
    }

    private sealed class ShortVerifier : IVerifier
    {
        public string Fingerprint => "short";

        public ValueTask<IReadOnlyList<VerifierScore>> ScoreAsync(IReadOnlyList<QuestionPair> pairs, CancellationToken cancellationToken) => new([]);
    }
}
