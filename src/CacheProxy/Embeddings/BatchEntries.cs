using CacheProxy.ExactCache;
using CacheProxy.Exchange;

namespace CacheProxy.Embeddings;

/// <summary>What is known of a batch's inputs, by identity: the entries that answer now, and those that may when the upstream fails.</summary>
internal sealed class BatchEntries(EmbeddingBatch batch)
{
    private readonly List<int> _refresh = [];
    private readonly List<int> _missing = [];

    /// <summary>As the stores gave them; <see cref="Judge"/> tells what they are good for.</summary>
    public CacheEntry?[] Stored { get; } = new CacheEntry?[batch.Fingerprints.Length];

    /// <summary>Null: missing. All that are there are of one model and one length.</summary>
    public CacheEntry?[] Usable { get; } = new CacheEntry?[batch.Fingerprints.Length];

    /// <summary>Null: none, or it answers anyway.</summary>
    public CacheEntry?[] IfError { get; } = new CacheEntry?[batch.Fingerprints.Length];

    /// <summary>Stale ones among the usable.</summary>
    public bool IsStale { get; private set; }

    /// <summary>Stale ones that answer while they are asked for again.</summary>
    public IReadOnlyList<int> Refresh => _refresh;

    public IReadOnlyList<int> Missing => _missing;

    /// <summary>Inputs of the request that are answered, each time that one comes.</summary>
    public int Found => batch.Distinct.Count(distinct => Usable[distinct] is not null);

    public void Judge(ExchangeFeature exchange, DateTimeOffset now)
    {
        _refresh.Clear();
        _missing.Clear();
        IsStale = false;
        CacheEntry? newest = null;
        for (int i = 0; i < Stored.Length; i++)
        {
            (Usable[i], IfError[i]) = (null, null);
            if (Stored[i] is not { } entry || !Fits(entry, exchange))
            {
                continue;
            }

            switch (FreshnessRules.Judge(entry, exchange, now))
            {
                case Freshness.Fresh:
                    Usable[i] = entry;
                    break;
                case Freshness.StaleAccepted:
                    Usable[i] = entry;
                    IsStale = true;
                    break;
                case Freshness.StaleRefresh:
                    Usable[i] = entry;
                    IsStale = true;
                    _refresh.Add(i);
                    break;
                case Freshness.StaleIfError:
                    IfError[i] = entry;
                    break;
            }

            newest = Usable[i] is not null && (newest is null || entry.CreatedAt > newest.CreatedAt) ? entry : newest;
        }

        for (int i = 0; i < Usable.Length; i++)
        {
            // A name may have moved to another model since: vectors of both in one answer could not be compared.
            Usable[i] = Usable[i] is { } entry && IsAlike(entry, newest!) ? entry : null;
            if (Usable[i] is null)
            {
                _missing.Add(i);
            }
        }
    }

    /// <summary>Every input has an entry, and all are of one model and length.</summary>
    public static bool AreWhole(CacheEntry?[] entries) => Array.TrueForAll(entries, entry => entry is not null && IsAlike(entry, entries[0]!));

    private bool Fits(CacheEntry entry, ExchangeFeature exchange)
        => entry.Scope == exchange.Scope.Id
            && StoredVector.TryRead(entry, out StoredVector vector)
            && (batch.Dimensions is not { } dimensions || vector.Dimensions == dimensions);

    private static bool IsAlike(CacheEntry one, CacheEntry other)
        => one.Answer.Model == other.Answer.Model
            && StoredVector.TryRead(one, out StoredVector left)
            && StoredVector.TryRead(other, out StoredVector right)
            && left.Dimensions == right.Dimensions;
}
