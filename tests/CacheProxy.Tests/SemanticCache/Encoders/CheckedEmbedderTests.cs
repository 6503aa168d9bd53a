using CacheProxy.SemanticCache.Encoders;

namespace CacheProxy.Tests.SemanticCache.Encoders;

public sealed class CheckedEmbedderTests
{
    [Theory]
    [InlineData(2, 1f)]
    [InlineData(4, 1f)]
    [InlineData(0, 1f)]
    [InlineData(3, 0f)]
    [InlineData(3, float.NaN)]
    [InlineData(3, float.NegativeInfinity)]
    [InlineData(3, 3e38f)]
    public async Task Embed_VectorThatMeansNothing_Fails(int length, float component)
    {
        var sut = new CheckedEmbedder(new Constant([.. Enumerable.Repeat(component, length)]));

        await Assert.ThrowsAsync<InvalidDataException>(async () => await sut.EmbedAsync("a", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Embed_SoundVector_PassesAsItIs()
    {
        var sut = new CheckedEmbedder(new Constant([1, 2, 3]));

        Embedding embedding = await sut.EmbedAsync("a", TestContext.Current.CancellationToken);
        Assert.Equal([1f, 2f, 3f], embedding.Vector.ToArray());
        Assert.Equal(("constant", 3), (sut.Fingerprint, sut.Dimensions));
    }

    [Fact]
    public async Task Prefixed_Text_GoesInBehindThePrefixUnderItsOwnFingerprint()
    {
        var inner = new Constant([1, 2, 3]);
        var sut = new PrefixedEmbedder(inner, "query: ", "fingerprint of both");

        await sut.EmbedAsync("what?", TestContext.Current.CancellationToken);

        Assert.Equal("query: what?", inner.LastText);
        Assert.Equal("fingerprint of both", sut.Fingerprint);
    }

    private sealed class Constant(float[] vector) : IEmbedder
    {
        public string Fingerprint => "constant";

        public int Dimensions => 3;

        public string? LastText { get; private set; }

        public ValueTask<Embedding> EmbedAsync(string text, CancellationToken cancellationToken)
        {
            LastText = text;
            return new(new Embedding(vector, IsTruncated: false));
        }
    }
}
