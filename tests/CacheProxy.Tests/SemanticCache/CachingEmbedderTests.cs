using CacheProxy.SemanticCache.Encoders;

namespace CacheProxy.Tests.SemanticCache;

public sealed class CachingEmbedderTests
{
    [Fact]
    public async Task Embed_SameTextTwice_ComputesOnce()
    {
        var inner = new FakeEmbedder();
        var sut = new CachingEmbedder(inner, 10);

        Embedding first = await sut.EmbedAsync("a b", TestContext.Current.CancellationToken);
        Embedding second = await sut.EmbedAsync("a b", TestContext.Current.CancellationToken);

        Assert.Equal(1, inner.Calls);
        Assert.Equal(first, second);
        Assert.True(sut.TryGet("a b", out _));
        Assert.False(sut.TryGet("c", out _));
    }

    [Fact]
    public async Task Embed_ConcurrentCallers_ShareOneComputation()
    {
        var inner = new FakeEmbedder { Stall = new TaskCompletionSource() };
        var sut = new CachingEmbedder(inner, 10);
        Task<Embedding>[] callers = [.. Enumerable.Range(0, 8).Select(_ => sut.EmbedAsync("a", TestContext.Current.CancellationToken).AsTask())];

        inner.Stall.SetResult();
        await Task.WhenAll(callers);

        Assert.Equal(1, inner.Calls);
    }

    [Fact]
    public async Task Embed_FirstCallerGoes_TheOthersGetTheirVector()
    {
        var inner = new FakeEmbedder { Stall = new TaskCompletionSource() };
        var sut = new CachingEmbedder(inner, 10);
        using var goes = new CancellationTokenSource();
        Task<Embedding> first = sut.EmbedAsync("a", goes.Token).AsTask();
        Task<Embedding> second = sut.EmbedAsync("a", TestContext.Current.CancellationToken).AsTask();

        await goes.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        inner.Stall.SetResult();

        Assert.Equal(64, (await second).Vector.Length);
        Assert.Equal(1, inner.Calls);
    }

    [Fact]
    public async Task Embed_Failed_IsTriedAgain()
    {
        var inner = new FakeEmbedder { Failure = new InvalidOperationException("broken") };
        var sut = new CachingEmbedder(inner, 10);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await sut.EmbedAsync("a", TestContext.Current.CancellationToken));
        inner.Failure = null;

        await sut.EmbedAsync("a", TestContext.Current.CancellationToken);

        Assert.Equal(2, inner.Calls);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Embed_MoreTextsThanRoom_ForgetsTheOldest(int capacity)
    {
        var sut = new CachingEmbedder(new FakeEmbedder(), capacity);
        for (int i = 0; i < 100; i++)
        {
            await sut.EmbedAsync($"text {i}", TestContext.Current.CancellationToken);
        }

        Assert.InRange(sut.Count, 0, capacity);
        Assert.False(sut.TryGet("text 0", out _));
    }
}
