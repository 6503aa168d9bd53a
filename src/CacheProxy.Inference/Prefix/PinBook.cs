namespace CacheProxy.Inference.Prefix;

/// <summary>
/// The pins of a tree. A pin lives until its time since the last hit runs out, never takes more than a share of the pool, and gives
/// way where a request could not be admitted otherwise: pinning never blocks anybody. Engine thread alone.
/// </summary>
internal sealed class PinBook(PrefixTree tree, TimeProvider time, int maxBlocks)
{
    private readonly List<PrefixPin> _pins = [];
    private long _nextExpiry = long.MaxValue;

    public int Count => _pins.Count;

    /// <summary>Pins the longest cached prefix of the tokens, in full blocks; a prefix that is pinned already gets the new time.</summary>
    /// <param name="pinnedTokens">Leading tokens held.</param>
    public PinOutcome TryPin(string salt, ReadOnlySpan<int> tokens, TimeSpan ttl, out int pinnedTokens)
    {
        PrefixNode? tip = tree.FindFull(salt, tokens, out int blocks);
        pinnedTokens = blocks * tree.BlockSize;
        if (tip is null)
        {
            return PinOutcome.NotCached;
        }

        if (tip.Pin is { } known)
        {
            known.Ttl = ttl;
            Refresh(known);
            return PinOutcome.Pinned;
        }

        if (tree.PinnedCount + CachedBlocks.UnpinnedBlocksOf(tip) > maxBlocks)
        {
            pinnedTokens = 0;
            return PinOutcome.OverBudget;
        }

        var pin = new PrefixPin(tip, ttl);
        _pins.Add(pin);
        tree.Cached.AddPin(pin);
        Refresh(pin);
        return PinOutcome.Pinned;
    }

    /// <summary>A prompt was served from this match: the pins that it ran through to their ends start their time anew.</summary>
    public void RefreshAlong(PrefixMatch match)
    {
        if (_pins.Count == 0)
        {
            return;
        }

        for (PrefixNode? node = match.Tip; node is { Block: >= 0 }; node = node.Parent)
        {
            if (node.Pin is { } pin)
            {
                Refresh(pin);
            }
        }
    }

    /// <summary>Lets go of pins whose time is over. O(1) while none is.</summary>
    public void Expire()
    {
        if (_pins.Count == 0 || time.GetTimestamp() < _nextExpiry)
        {
            return;
        }

        long now = time.GetTimestamp();
        _nextExpiry = long.MaxValue;
        for (int index = _pins.Count - 1; index >= 0; index--)
        {
            if (_pins[index].ExpiresAt <= now)
            {
                RemoveAt(index);
                continue;
            }

            _nextExpiry = Math.Min(_nextExpiry, _pins[index].ExpiresAt);
        }
    }

    /// <summary>Gives up the pin that would end first, because a request has no room otherwise.</summary>
    public bool TryYield()
    {
        if (_pins.Count == 0)
        {
            return false;
        }

        int first = 0;
        for (int index = 1; index < _pins.Count; index++)
        {
            first = _pins[index].ExpiresAt < _pins[first].ExpiresAt ? index : first;
        }

        RemoveAt(first);
        return true;
    }

    /// <param name="salt">Null: all.</param>
    public void Clear(string? salt)
    {
        for (int index = _pins.Count - 1; index >= 0; index--)
        {
            if (salt is null || PrefixTree.RootOf(_pins[index].Tip).Salt == salt)
            {
                RemoveAt(index);
            }
        }
    }

    private void Refresh(PrefixPin pin)
    {
        pin.ExpiresAt = time.GetTimestamp() + (long)(pin.Ttl.TotalSeconds * time.TimestampFrequency);
        _nextExpiry = Math.Min(_nextExpiry, pin.ExpiresAt);
    }

    private void RemoveAt(int index)
    {
        tree.Cached.RemovePin(_pins[index]);
        _pins.RemoveAt(index);
    }
}
