using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Encoders;

namespace CacheProxy.Tests.SemanticCache;

/// <summary>Texts and vectors that no question is made of: each has its answer, and none of them is ever served, asked for or stored.</summary>
public sealed class BadInputTests
{
    private const string Question = "What is the capital of France?";

    public static TheoryData<string, SemanticReason> Texts => new()
    {
        { "", SemanticReason.EmptyText },
        { " \n\t", SemanticReason.EmptyText },
        { "?", SemanticReason.EmptyText },
        { "\U0001F600\U0001F389\u2764\uFE0F", SemanticReason.EmptyText },
        { "it", SemanticReason.EmptyText },
        { "k", SemanticReason.EmptyText },
        { "7", SemanticReason.EmptyText },
        { "C#", SemanticReason.EmptyText },
        { new string('x', 100 * 1024), SemanticReason.TooLong },
        { "ما هي عاصمة فرنسا؟", SemanticReason.Language },
        { "מהי בירת צרפת?", SemanticReason.Language },
        { "What is столица of Франция?", SemanticReason.Language },
        { "Quelle est la capitale de la France ?", SemanticReason.Language },
        { "What is the capital\u200B of France?", SemanticReason.HiddenText },
        { "\u202EWhat is the capital of France?", SemanticReason.HiddenText },
        { "What is the capital of France?\U000E0049\U000E0067", SemanticReason.HiddenText },
        { "What does ```x = 1``` do?", SemanticReason.CodeHeavy },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Lookup_TextThatIsNoQuestion_GoesByWithTheReason(string text, SemanticReason reason)
    {
        var embedder = new FakeEmbedder();
        using var sut = new LookupHarness(embedder);
        await sut.AnswerAsync(Question);
        await sut.AnswerAsync(text);
        int calls = embedder.Calls;

        SemanticDecision decision = await sut.AskAsync(text);

        Assert.Equal(reason, decision.Reason);
        Assert.False(decision.IsHit);
        Assert.Equal(calls, embedder.Calls);
    }

    public static TheoryData<float[]> Vectors => new()
    {
        { new float[64] },
        { Enumerable.Repeat(float.NaN, 64).ToArray() },
        { Enumerable.Range(0, 64).Select(i => i == 63 ? float.PositiveInfinity : 1f).ToArray() },
        { Enumerable.Repeat(1f, 63).ToArray() },
        { Array.Empty<float>() },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public async Task Lookup_VectorThatIsNone_IsAFaultOfTheEmbedder(float[] vector)
    {
        var embedder = new LikeEmbedder();
        using var sut = new LookupHarness(embedder);
        await sut.AnswerAsync(Question);
        embedder.Vector = vector;

        SemanticDecision decision = await sut.AskAsync(Question);

        Assert.Equal(SemanticReason.EmbedderFailed, decision.Reason);
        Assert.False(decision.IsHit);
        Assert.True(decision.Vector.IsEmpty);
    }

    [Fact]
    public async Task Lookup_MoreTokensThanTheEncoderReads_IsTooLongWithoutAskingIt()
    {
        var embedder = new FakeEmbedder();
        using var sut = new LookupHarness(embedder, limit: new TenWords());

        Assert.Equal(SemanticReason.TooLong, (await sut.AskAsync("one two three four five six seven eight nine ten eleven")).Reason);
        Assert.Equal(0, embedder.Calls);
        Assert.Equal(SemanticReason.NoNeighbour, (await sut.AskAsync("two three four five six seven eight nine ten eleven")).Reason);
    }

    private sealed class TenWords : ITokenLimit
    {
        public bool IsExceededBy(string text) => text.Split(' ').Length > 10;
    }

    /// <summary>The same vector for every text.</summary>
    private sealed class LikeEmbedder : IEmbedder
    {
        public float[] Vector { get; set; } = [.. Enumerable.Repeat(0.125f, 64)];

        public string Fingerprint => "like";

        public int Dimensions => 64;

        public ValueTask<Embedding> EmbedAsync(string text, CancellationToken cancellationToken) => new(new Embedding(Vector, false));
    }
}
