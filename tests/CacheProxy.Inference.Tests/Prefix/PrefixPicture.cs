using System.Text;
using CacheProxy.Inference.Prefix;

namespace CacheProxy.Inference.Tests.Prefix;

/// <summary>A tree written down completely: structure, tokens, holders, eviction order, counts.</summary>
internal static class PrefixPicture
{
    public static string Of(PrefixTree tree)
    {
        var picture = new StringBuilder();
        foreach ((string salt, PrefixNode root) in tree.Roots.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            picture.Append('[').Append(salt).Append(" x").Append(root.Leases).Append(']');
            Append(picture, tree, root);
        }

        picture.Append(" evictable:");
        foreach (PrefixNode node in tree.Cached.Evictable.Items)
        {
            picture.Append($" {node.Block}@{node.Priority}");
        }

        return picture.Append($" free {string.Join(',', tree.Pool.FreeBlocks.ToArray())} leased {tree.LeasedCount} evicted {tree.EvictedCount} pinned {tree.PinnedCount} remembered {tree.History.Count}").ToString();
    }

    private static void Append(StringBuilder picture, PrefixTree tree, PrefixNode parent)
    {
        for (PrefixNode? node = parent.FirstChild; node is not null; node = node.NextSibling)
        {
            picture.Append($"({node.Block}x{tree.Pool.HoldersOf(node.Block)}:{string.Join(',', node.Tokens.ToArray())}");
            Append(picture, tree, node);
            picture.Append(')');
        }
    }
}
