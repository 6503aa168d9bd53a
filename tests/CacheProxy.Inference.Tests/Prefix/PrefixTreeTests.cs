using CacheProxy.Inference.Prefix;

namespace CacheProxy.Inference.Tests.Prefix;

public sealed class PrefixTreeTests
{
    [Fact]
    public void Match_NothingKnown_IsEmpty()
    {
        var tree = new PrefixTree(8, 4);

        Assert.Equal(0, tree.Match("", [1, 2, 3, 4, 5]).Tokens);
    }

    [Fact]
    public void Match_WholePromptKnown_LeavesTheLastTokenToCompute()
    {
        PrefixTree tree = TreeWith(8, 4, [1, 2, 3, 4, 5, 6, 7, 8]);

        PrefixMatch match = tree.Match("", [1, 2, 3, 4, 5, 6, 7, 8]);

        Assert.Equal((1, 3, 7), (match.FullBlocks, match.TailTokens, match.Tokens));
    }

    [Fact]
    public void Match_DivergesInsideABlock_IsExactToTheToken()
    {
        PrefixTree tree = TreeWith(8, 4, [1, 2, 3, 4, 5, 6, 7, 8]);

        Assert.Equal(6, tree.Match("", [1, 2, 3, 4, 5, 6, 9, 9, 9]).Tokens);
        Assert.Equal(4, tree.Match("", [1, 2, 3, 4, 9]).Tokens);
        Assert.Equal(3, tree.Match("", [1, 2, 3, 9, 5, 6, 7, 8]).Tokens);
        Assert.Equal(0, tree.Match("", [2, 2, 3, 4]).Tokens);
    }

    [Fact]
    public void Match_PartlyFilledLastBlock_IsFoundToo()
    {
        PrefixTree tree = TreeWith(8, 4, [1, 2, 3, 4, 5, 6]);

        Assert.Equal(6, tree.Match("", [1, 2, 3, 4, 5, 6, 7, 8, 9]).Tokens);
    }

    [Fact]
    public void Match_OtherSalt_FindsNothing()
    {
        PrefixTree tree = TreeWith(8, 4, [1, 2, 3, 4, 5]);

        Assert.Equal(0, tree.Match("other", [1, 2, 3, 4, 5]).Tokens);
    }

    [Fact]
    public void Match_Anything_ChangesNothing()
    {
        PrefixTree tree = TreeWith(16, 2, [1, 2, 3, 4, 5, 6, 7]);
        Complete(tree, "b", [1, 2, 9, 9]);
        string frozen = PrefixPicture.Of(tree);
        var random = new Random(3);

        for (int i = 0; i < 500; i++)
        {
            int[] tokens = [.. Enumerable.Range(0, random.Next(0, 10)).Select(_ => random.Next(1, 10))];
            tree.Match(random.Next(3) switch { 0 => "", 1 => "b", _ => "unknown" }, tokens);
        }

        Assert.Equal(frozen, PrefixPicture.Of(tree));
    }

    [Fact]
    public void Lease_SharedPath_UsesTheSameBlocksAndCountsThemOnce()
    {
        PrefixTree tree = TreeWith(8, 2, [1, 2, 3, 4]);
        int[] prompt = [1, 2, 3, 4, 5];

        using PrefixLease first = tree.Lease("", tree.Match("", prompt));
        using PrefixLease second = tree.Lease("", tree.Match("", prompt));

        Assert.Equal(first.BlockTable[..2], second.BlockTable[..2]);
        Assert.Equal((2, 0, 6), (tree.LeasedCount, tree.CachedCount, tree.FreeCount));
        tree.CheckIntegrity();
    }

    [Fact]
    public void Publish_SameTokensByTwo_KeepsOneCopyAndRepointsTheOther()
    {
        var tree = new PrefixTree(8, 2);
        using PrefixLease first = tree.Lease("", tree.Match("", [1, 2, 3]));
        using PrefixLease second = tree.Lease("", tree.Match("", [1, 2, 3]));
        Assert.True(first.TryReserve(3) && second.TryReserve(3));
        Assert.NotEqual(first.BlockTable[0], second.BlockTable[0]);

        first.Publish([1, 2]);
        second.Publish([1, 2]);

        Assert.Equal(first.BlockTable[0], second.BlockTable[0]);
        Assert.Equal((3, 5), (tree.LeasedCount, tree.FreeCount));
        tree.CheckIntegrity();
    }

    [Fact]
    public void TryReserve_PoolFull_EvictsLeastRecentlyUsedLeavesFirst()
    {
        PrefixTree tree = TreeWith(4, 1, [1, 2]);
        Complete(tree, "", [1, 3]);
        tree.Lease("", tree.Match("", [1, 2, 9])).Dispose();

        using PrefixLease lease = tree.Lease("", tree.Match("", [7]));
        Assert.True(lease.TryReserve(2));

        Assert.Equal(1, tree.EvictedCount);
        Assert.Equal(2, tree.Match("", [1, 2, 9]).Tokens);
        Assert.Equal(1, tree.Match("", [1, 3, 9]).Tokens);
        tree.CheckIntegrity();
    }

    [Fact]
    public void TryReserve_EverythingLeased_RefusesAndEvictsNothing()
    {
        var tree = new PrefixTree(2, 2);
        using PrefixLease first = tree.Lease("", tree.Match("", [1]));
        Assert.True(first.TryReserve(3));
        first.Publish([1, 2, 3]);
        using PrefixLease second = tree.Lease("", tree.Match("", [1, 2, 4]));

        Assert.False(second.TryReserve(3));
        Assert.Equal(0, tree.EvictedCount);
        tree.CheckIntegrity();
    }

    [Fact]
    public void Dispose_Twice_GivesBackOnce()
    {
        PrefixTree tree = TreeWith(4, 2, [1, 2, 3]);
        PrefixLease lease = tree.Lease("", tree.Match("", [1, 2, 3]));
        lease.TryReserve(3);

        lease.Dispose();
        lease.Dispose();

        Assert.Equal(0, tree.LeasedCount);
        tree.CheckIntegrity();
    }

    [Fact]
    public void Roots_OfEvictedSalts_AreForgotten()
    {
        var tree = new PrefixTree(2, 1);
        for (int salt = 0; salt < 100; salt++)
        {
            Complete(tree, $"tenant {salt}", [salt]);
        }

        Assert.Equal(2, tree.Roots.Count);
        tree.CheckIntegrity();
    }

    [Fact]
    public void CheckIntegrity_BrokenAccounting_SaysSo()
    {
        PrefixTree tree = TreeWith(4, 2, [1, 2, 3, 4]);
        tree.Pool.Hold(tree.Cached.Evictable.Items[0].Block);

        Assert.Throws<InvalidOperationException>(tree.CheckIntegrity);
    }

    internal static PrefixTree TreeWith(int blocks, int blockSize, int[] tokens)
    {
        var tree = new PrefixTree(blocks, blockSize);
        Complete(tree, "", tokens);
        return tree;
    }

    internal static void Complete(PrefixTree tree, string salt, int[] tokens)
    {
        PrefixLease lease = tree.Lease(salt, tree.Match(salt, [.. tokens, -1]));
        Assert.True(lease.TryReserve(tokens.Length));
        lease.Complete(tokens);
    }
}
