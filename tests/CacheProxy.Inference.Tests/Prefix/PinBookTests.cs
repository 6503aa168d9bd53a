using CacheProxy.Inference.Prefix;
using CacheProxy.TestKit;

namespace CacheProxy.Inference.Tests.Prefix;

public sealed class PinBookTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();
    private readonly PrefixTree _tree;
    private readonly PinBook _pins;

    public PinBookTests()
    {
        _tree = new PrefixTree(8, 1, new PrefixTreeOptions { Time = _time });
        _pins = new PinBook(_tree, _time, maxBlocks: 4);
        PrefixTreeTests.Complete(_tree, "", [1, 2, 3]);
    }

    [Fact]
    public void TryPin_CachedPrefix_SurvivesTheEvictionOfEverythingElse()
    {
        Assert.Equal(PinOutcome.Pinned, _pins.TryPin("", [1, 2, 3], Minute, out int tokens));

        Fill();

        Assert.Equal(3, tokens);
        Assert.Equal((3, 5), (_tree.PinnedCount, _tree.AvailableCount));
        Assert.Equal(3, _tree.Match("", [1, 2, 3, 9]).Tokens);
        _tree.CheckIntegrity();
    }

    [Fact]
    public void Expire_TimeSinceTheLastHitIsOver_LetsGo()
    {
        _pins.TryPin("", [1, 2, 3], Minute, out _);
        _time.Advance(TimeSpan.FromSeconds(50));
        _pins.RefreshAlong(_tree.Match("", [1, 2, 3, 9]));
        _time.Advance(TimeSpan.FromSeconds(50));
        _pins.Expire();
        Assert.Equal((1, 3), (_pins.Count, _tree.PinnedCount));

        _time.Advance(TimeSpan.FromSeconds(10));
        _pins.Expire();

        Assert.Equal((0, 0, 8), (_pins.Count, _tree.PinnedCount, _tree.AvailableCount));
        _tree.CheckIntegrity();
    }

    [Fact]
    public void TryPin_OverTheShare_IsRefusedAndChangesNothing()
    {
        PrefixTreeTests.Complete(_tree, "", [5, 6, 7, 8, 9]);
        string before = PrefixPicture.Of(_tree);

        Assert.Equal(PinOutcome.OverBudget, _pins.TryPin("", [5, 6, 7, 8, 9], Minute, out int tokens));

        Assert.Equal((0, before), (tokens, PrefixPicture.Of(_tree)));
    }

    [Fact]
    public void TryPin_SharedPrefix_CountsItsBlocksOnce()
    {
        PrefixTreeTests.Complete(_tree, "", [1, 2, 4]);

        Assert.Equal(PinOutcome.Pinned, _pins.TryPin("", [1, 2, 3], Minute, out _));
        Assert.Equal(PinOutcome.Pinned, _pins.TryPin("", [1, 2, 4], Minute, out _));

        Assert.Equal(4, _tree.PinnedCount);
        Assert.True(_pins.TryYield());
        Assert.Equal(3, _tree.PinnedCount);
        _tree.CheckIntegrity();
    }

    [Fact]
    public void TryPin_UnknownPrompt_IsNotCached() =>
        Assert.Equal(PinOutcome.NotCached, _pins.TryPin("other", [1, 2, 3], Minute, out _));

    [Fact]
    public void Clear_OfASalt_LeavesTheOthersPins()
    {
        PrefixTreeTests.Complete(_tree, "b", [1]);
        _pins.TryPin("", [1, 2, 3], Minute, out _);
        _pins.TryPin("b", [1], Minute, out _);

        _pins.Clear("b");

        Assert.Equal((1, 3), (_pins.Count, _tree.PinnedCount));
    }

    private void Fill()
    {
        for (int token = 10; token < 30; token += 5)
        {
            PrefixTreeTests.Complete(_tree, "", [.. Enumerable.Range(token, 5)]);
        }
    }
}
