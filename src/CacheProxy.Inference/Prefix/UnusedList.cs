namespace CacheProxy.Inference.Prefix;

/// <summary>
/// Cached nodes that no lease holds, oldest use first. A lease gives its path back deepest block first, so every
/// descendant of a node stands before it: the head is always a leaf, and eviction is O(1) with the exact LRU order.
/// </summary>
internal sealed class UnusedList
{
    private PrefixNode? _newest;

    public PrefixNode? Oldest { get; private set; }

    public int Count { get; private set; }

    public void Append(PrefixNode node)
    {
        node.OlderUnused = _newest;
        node.NewerUnused = null;
        if (_newest is null)
        {
            Oldest = node;
        }
        else
        {
            _newest.NewerUnused = node;
        }

        _newest = node;
        Count++;
    }

    public void Remove(PrefixNode node)
    {
        if (node.OlderUnused is null)
        {
            Oldest = node.NewerUnused;
        }
        else
        {
            node.OlderUnused.NewerUnused = node.NewerUnused;
        }

        if (node.NewerUnused is null)
        {
            _newest = node.OlderUnused;
        }
        else
        {
            node.NewerUnused.OlderUnused = node.OlderUnused;
        }

        node.OlderUnused = node.NewerUnused = null;
        Count--;
    }
}
