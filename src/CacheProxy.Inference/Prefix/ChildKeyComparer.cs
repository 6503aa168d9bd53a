using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace CacheProxy.Inference.Prefix;

/// <summary>A parent and the tokens looked for under it.</summary>
internal readonly ref struct ChildKey(PrefixNode parent, ReadOnlySpan<int> tokens)
{
    public PrefixNode Parent { get; } = parent;

    public ReadOnlySpan<int> Tokens { get; } = tokens;
}

/// <summary>
/// Finds a full-block child by its parent and exact tokens. The hash only narrows the search; equality compares every
/// token, so a collision can never serve another prompt's KV.
/// </summary>
internal sealed class ChildKeyComparer : IEqualityComparer<PrefixNode>, IAlternateEqualityComparer<ChildKey, PrefixNode>
{
    public bool Equals(PrefixNode? x, PrefixNode? y) => ReferenceEquals(x, y);

    public int GetHashCode([DisallowNull] PrefixNode node) => node.Hash;

    public bool Equals(ChildKey key, PrefixNode node) =>
        ReferenceEquals(key.Parent, node.Parent) && key.Tokens.SequenceEqual(node.Tokens);

    public int GetHashCode(ChildKey key)
    {
        HashCode hash = default;
        hash.Add(System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(key.Parent));
        hash.AddBytes(MemoryMarshal.AsBytes(key.Tokens));
        return hash.ToHashCode();
    }

    public PrefixNode Create(ChildKey key) => throw new NotSupportedException("Nodes are created by the tree alone.");
}
