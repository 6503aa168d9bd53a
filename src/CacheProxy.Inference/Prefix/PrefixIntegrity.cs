namespace CacheProxy.Inference.Prefix;

/// <summary>
/// Counts everything again from the structures themselves and compares: free + cached + leased = total, no block in two
/// places, every parent held and pinned at least as often as its children, exactly the loose leaves in the order of eviction. O(blocks).
/// </summary>
public static class PrefixIntegrity
{
    /// <exception cref="InvalidOperationException">Something does not add up; the message says what.</exception>
    public static void CheckIntegrity(this PrefixTree tree)
    {
        var known = new HashSet<PrefixNode>();
        foreach ((string salt, PrefixNode root) in tree.Roots)
        {
            Require(root.Salt == salt, "a root stands under another salt");
            Require(root.FirstChild is not null || root.Leases > 0, "an empty root was kept");
            Collect(tree, root, known);
        }

        CheckEvictable(tree, known);
        CheckBlocks(tree, known);
        Require(known.Count(node => node.IsFull) == tree.FullNodeCount, "the child index and the tree differ");
        Require(
            tree.FreeCount + tree.CachedCount + tree.LeasedCount == tree.BlockCount,
            $"free {tree.FreeCount} + cached {tree.CachedCount} + leased {tree.LeasedCount} is not {tree.BlockCount}");
    }

    private static void Collect(PrefixTree tree, PrefixNode parent, HashSet<PrefixNode> known)
    {
        int below = 0;
        for (PrefixNode? node = parent.FirstChild; node is not null; node = node.NextSibling)
        {
            Require(node.Parent == parent, "a child does not know its parent");
            Require(known.Add(node), $"block {node.Block} stands twice in the tree");
            Require(node.Tokens.Length > 0 && (node.IsFull || node.FirstChild is null), "a partly filled block has children");
            Require(
                parent.Block < 0 || tree.Pool.HoldersOf(parent.Block) >= tree.Pool.HoldersOf(node.Block),
                $"block {node.Block} is held more often than its parent");
            Require(parent.Block < 0 || parent.Priority >= node.Priority, $"block {node.Block} is worth more than the one before it");
            Collect(tree, node, known);
            below += node.Pins;
        }

        Require(parent.Block < 0 || parent.Pins == below + (parent.Pin is null ? 0 : 1), $"the pins at block {parent.Block} do not add up");
    }

    private static void CheckEvictable(PrefixTree tree, HashSet<PrefixNode> known)
    {
        ReadOnlySpan<PrefixNode> heap = tree.Cached.Evictable.Items;
        for (int index = 0; index < heap.Length; index++)
        {
            PrefixNode node = heap[index];
            Require(node.HeapIndex == index, $"block {node.Block} does not know its place in the order of eviction");
            Require(known.Contains(node), $"evictable block {node.Block} is not in the tree");
            Require(index == 0 || heap[(index - 1) / 2].Priority <= node.Priority, "the order of eviction is broken");
        }

        int cached = 0, pinned = 0, pinnedCached = 0;
        foreach (PrefixNode node in known)
        {
            bool held = tree.Pool.HoldersOf(node.Block) > 0;
            cached += held ? 0 : 1;
            pinned += node.Pins > 0 ? 1 : 0;
            pinnedCached += node.Pins > 0 && !held ? 1 : 0;
            bool loose = !held && node is { Pins: 0, FirstChild: null };
            Require(loose == node.HeapIndex >= 0, $"block {node.Block} is {(loose ? "not " : "")}in the order of eviction");
        }

        Require(cached == tree.CachedCount, "the count of cached blocks is wrong");
        Require(pinned == tree.PinnedCount && pinnedCached == tree.Cached.PinnedCachedCount, "the count of pinned blocks is wrong");
        Require(pinnedCached <= cached, "more is pinned than cached");
    }

    private static void CheckBlocks(PrefixTree tree, HashSet<PrefixNode> known)
    {
        var seen = new bool[tree.BlockCount];
        foreach (int block in tree.Pool.FreeBlocks)
        {
            Require(!seen[block], $"block {block} is free twice");
            Require(tree.Pool.HoldersOf(block) == 0, $"free block {block} is held");
            seen[block] = true;
        }

        foreach (PrefixNode node in known)
        {
            Require(!seen[node.Block], $"block {node.Block} is free and in the tree");
            seen[node.Block] = true;
        }

        int leased = 0;
        for (int block = 0; block < seen.Length; block++)
        {
            bool held = tree.Pool.HoldersOf(block) > 0;
            leased += held ? 1 : 0;
            Require(seen[block] || held, $"block {block} is lost");
        }

        Require(leased == tree.LeasedCount, "the count of leased blocks is wrong");
    }

    private static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"KV block accounting is broken: {problem}.");
        }
    }
}
