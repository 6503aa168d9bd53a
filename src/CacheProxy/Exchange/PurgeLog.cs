namespace CacheProxy.Exchange;

/// <summary>
/// What was purged lately, in the order of the purges. An answer that was asked for before a purge and comes after it must not be stored: who
/// is about to store takes the <see cref="Mark"/> before asking and then asks <see cref="Covers(CacheEntry, long)"/>. Bounded: what is so old that it was
/// forgotten counts as covered, which costs one entry.
/// </summary>
public sealed class PurgeLog
{
    private const int MostKept = 1024;

    private readonly Lock _lock = new();
    private volatile Purge[] _purges = [];
    private long _mark;
    private long _forgotten;

    /// <summary>Rises with every purge.</summary>
    public long Mark => Volatile.Read(ref _mark);

    /// <summary>To be called before the stores are asked to remove: what is stored from now on is checked against it.</summary>
    public void Add(EntrySelector selector)
    {
        lock (_lock)
        {
            Purge[] kept = _purges;
            if (kept.Length >= MostKept)
            {
                // Half at once, so that the copy is paid for once in a while.
                Volatile.Write(ref _forgotten, kept[kept.Length / 2 - 1].Mark);
                kept = kept[(kept.Length / 2)..];
            }

            // The list before the mark: who sees the new mark sees the purge.
            _purges = [.. kept, new Purge(_mark + 1, selector)];
            Volatile.Write(ref _mark, _mark + 1);
        }
    }

    /// <param name="since">The mark when the entry's answer was asked for.</param>
    public bool Covers(CacheEntry entry, long since)
    {
        if (Mark == since)
        {
            return false;
        }

        return since < Volatile.Read(ref _forgotten) || Array.Exists(_purges, purge => purge.Mark > since && purge.Selector.Matches(entry));
    }

    /// <summary>Whether the answer under way to a request may become an entry that was purged since.</summary>
    /// <param name="since">The mark when the answer was asked for.</param>
    public bool Covers(ExchangeFeature exchange, long since)
    {
        if (Mark == since)
        {
            return false;
        }

        return since < Volatile.Read(ref _forgotten) || Array.Exists(_purges, purge => purge.Mark > since && purge.Selector.MayMatch(exchange));
    }

    private sealed record Purge(long Mark, EntrySelector Selector);
}
