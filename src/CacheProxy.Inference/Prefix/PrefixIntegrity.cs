namespace CacheProxy.Inference.Prefix;

/// <summary>
/// Counts everything again from the structures themselves and compares: free + cached + leased = total, no block in two
/// places, every parent held at least as often as its children, the eviction order children first. O(blocks).
/// </summary>
public static class PrefixIntegrity
{
    /// <exception cref="InvalidOperationException">Something does not add up; the message says what.</exception>
    public static void CheckIntegrity(this PrefixTree tree)
    {
        var known = new Dictionary<PrefixNode, int>();
        foreach ((string salt, PrefixNode root) in tree.Roots)
        {
            Require(root.Salt == salt, "a root stands under another salt");
            Require(root.FirstChild is not null || root.Leases > 0, "an empty root was kept");
            Collect(tree, root, known);
        }

        CheckUnused(tree, known);
        CheckBlocks(tree, known);
        Require(known.Keys.Count(node => node.IsFull) == tree.FullNodeCount, "the child index and the tree differ");
        Require(
            tree.FreeCount + tree.CachedCount + tree.LeasedCount == tree.BlockCount,
            $"free {tree.FreeCount} + cached {tree.CachedCount} + leased {tree.LeasedCount} is not {tree.BlockCount}");
    }

    private static void Collect(PrefixTree tree, PrefixNode parent, Dictionary<PrefixNode, int> known)
    {
        for (PrefixNode? node = parent.FirstChild; node is not null; node = node.NextSibling)
        {
            Require(node.Parent == parent, "a child does not know its parent");
            Require(known.TryAdd(node, -1), $"block {node.Block} stands twice in the tree");
            Require(node.Tokens.Length > 0 && (node.IsFull || node.FirstChild is null), "a partly filled block has children");
            Require(
                parent.Block < 0 || tree.Pool.HoldersOf(parent.Block) >= tree.Pool.HoldersOf(node.Block),
                $"block {node.Block} is held more often than its parent");
            Collect(tree, node, known);
        }
    }

    private static void CheckUnused(PrefixTree tree, Dictionary<PrefixNode, int> known)
    {
        int position = 0;
        for (PrefixNode? node = tree.Unused.Oldest; node is not null; node = node.NewerUnused)
        {
            Require(known.ContainsKey(node), $"unused block {node.Block} is not in the tree");
            Require(tree.Pool.HoldersOf(node.Block) == 0, $"unused block {node.Block} is held");
            known[node] = position++;
        }

        Require(position == tree.CachedCount, "the unused list's count is wrong");
        foreach ((PrefixNode node, int order) in known)
        {
            Require(order >= 0 || tree.Pool.HoldersOf(node.Block) > 0, $"block {node.Block} is neither held nor evictable");
            bool parentLater = order < 0 || node.Parent!.Block < 0 || known[node.Parent] < 0 || known[node.Parent] > order;
            Require(parentLater, $"block {node.Block} would be evicted after its parent");
        }
    }

    private static void CheckBlocks(PrefixTree tree, Dictionary<PrefixNode, int> known)
    {
        var seen = new bool[tree.BlockCount];
        foreach (int block in tree.Pool.FreeBlocks)
        {
            Require(!seen[block], $"block {block} is free twice");
            Require(tree.Pool.HoldersOf(block) == 0, $"free block {block} is held");
            seen[block] = true;
        }

        foreach (PrefixNode node in known.Keys)
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
