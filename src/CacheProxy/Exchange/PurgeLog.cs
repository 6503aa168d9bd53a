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
    private long _forgottenNumber;
    private long _sharedNumber;

    /// <summary>Rises with every purge.</summary>
    public long Mark => Volatile.Read(ref _mark);

    /// <summary>The proxies that share a Redis number their purges; those up to this one are known here.</summary>
    public long SharedNumber
    {
        get => Volatile.Read(ref _sharedNumber);
        set => Volatile.Write(ref _sharedNumber, value);
    }

    /// <summary>The shared numbers begin anew: Redis was emptied, and the answers under way there with it.</summary>
    public void RestartNumbers()
    {
        lock (_lock)
        {
            Volatile.Write(ref _forgottenNumber, 0);
            foreach (Purge purge in _purges.Where(purge => purge.Number != Purge.Untold))
            {
                purge.Number = 0;
            }
        }
    }

    /// <summary>To be called before the stores are asked to remove: what is stored from now on is checked against it.</summary>
    /// <param name="number">Of the purge among the proxies that share it.</param>
    public Purge Add(EntrySelector selector, long number = Purge.Untold)
    {
        lock (_lock)
        {
            Purge[] kept = _purges;
            if (kept.Length >= MostKept)
            {
                // Half at once, so that the copy is paid for once in a while.
                Volatile.Write(ref _forgotten, kept[kept.Length / 2 - 1].Mark);
                _forgottenNumber = Math.Max(_forgottenNumber, kept[..(kept.Length / 2)].Max(purge => purge.Number));
                kept = kept[(kept.Length / 2)..];
            }

            // The list before the mark: who sees the new mark sees the purge.
            var added = new Purge(_mark + 1, selector, number);
            _purges = [.. kept, added];
            Volatile.Write(ref _mark, _mark + 1);
            return added;
        }
    }

    /// <param name="since">The mark when the entry's answer was asked for.</param>
    public bool Covers(CacheEntry entry, long since)
    {
        if (Mark == since)
        {
            return false;
        }

        // What was changed of an entry, its tags say, would be undone by a refresh that knows it as it was.
        return since < Volatile.Read(ref _forgotten)
            || Array.Exists(_purges, purge => purge.Mark > since && (purge.Selector.Matches(entry) || (purge.Selector.Id is { } id && id == entry.Replaces)));
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

    /// <summary>What was purged since; where that is not known any more, everything.</summary>
    /// <param name="mark">The mark up to which it is known.</param>
    public IReadOnlyList<EntrySelector> Since(long mark)
        => mark < Volatile.Read(ref _forgotten) ? [EntrySelector.Everything] : [.. _purges.Where(purge => purge.Mark > mark).Select(purge => purge.Selector)];

    /// <summary>Whether what another proxy is making for this request may have been asked for before a purge that this proxy knows of.</summary>
    /// <param name="known"><see cref="SharedNumber"/> there, when the answer was asked for.</param>
    public bool CoversOthers(ExchangeFeature exchange, long known)
        => known < Volatile.Read(ref _forgottenNumber) || Array.Exists(_purges, purge => purge.Number > known && purge.Selector.MayMatch(exchange));
}
