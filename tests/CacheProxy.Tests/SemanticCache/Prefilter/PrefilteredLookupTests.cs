using CacheProxy.SemanticCache;

namespace CacheProxy.Tests.SemanticCache.Prefilter;

/// <summary>The look-up with the bundled static vectors in front of its encoder.</summary>
public sealed class PrefilteredLookupTests
{
    private const string Question = "What is the capital of France?";

    [Fact]
    public async Task Lookup_ClearMiss_NeverAsksTheEncoder()
    {
        var embedder = new FakeEmbedder();
        using var sut = new LookupHarness(embedder, staticEmbedder: RealEncoders.Static);
        await sut.AnswerAsync(Question);
        int calls = embedder.Calls;

        SemanticDecision decision = await sut.AskAsync("How do I bake sourdough bread at home?");

        Assert.Equal(SemanticReason.ClearMiss, decision.Reason);
        Assert.Equal(calls, embedder.Calls);
        Assert.True(decision.Vector.IsEmpty);
    }

    [Fact]
    public async Task Lookup_SameQuestionInOtherWords_IsServedAsWithoutIt()
    {
        using var sut = new LookupHarness(staticEmbedder: RealEncoders.Static);
        await sut.AnswerAsync(Question);

        Assert.True((await sut.AskAsync("What is the capital city of France?")).IsHit);
    }

    [Fact]
    public async Task Lookup_SwitchedOff_AsksTheEncoder()
    {
        var embedder = new FakeEmbedder();
        using var sut = new LookupHarness(embedder, options: new SemanticOptions { Prefilter = false }, staticEmbedder: RealEncoders.Static);
        await sut.AnswerAsync(Question);
        int calls = embedder.Calls;

        Assert.NotEqual(SemanticReason.ClearMiss, (await sut.AskAsync("How do I bake sourdough bread at home?")).Reason);
        Assert.Equal(calls + 1, embedder.Calls);
    }

    [Fact]
    public void TryEmbed_MostWordsUnknown_HasNoVector()
    {
        float[] vector = new float[RealEncoders.Static.Dimensions];

        Assert.True(RealEncoders.Static.TryEmbed("What is the capital of France \U0001F600", vector));
        Assert.False(RealEncoders.Static.TryEmbed("hello \U0001F600 \U0001F389 \U0001F38A", vector));
        Assert.False(RealEncoders.Static.TryEmbed("\U0001F600", vector));
        Assert.False(RealEncoders.Static.TryEmbed("", vector));
    }
}
