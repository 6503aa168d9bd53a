using System.Text;

namespace CacheProxy.Protocol.Prometheus;

/// <summary>
/// Series by label set. Finding one takes no lock and no memory: entries are only ever put in front of a bucket's chain, and their
/// number is bounded, so that buckets never move. Tags are compared regardless of their order.
/// </summary>
internal sealed class SeriesTable(Func<byte[], Series> create, int maxEntries)
{
    private const int BucketCount = 256;

    private static readonly byte[] OverflowLabels = "otel_metric_overflow=\"true\""u8.ToArray();

    private readonly Entry?[] _buckets = new Entry?[BucketCount];
    private readonly Dictionary<string, Series> _byLabels = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private int _entries;
    private Series? _overflow;

    public Series GetOrAdd(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        int hash = HashOf(tags);
        return Find(hash, tags) ?? Add(hash, tags);
    }

    public void Clear()
    {
        lock (_lock)
        {
            Array.Clear(_buckets);
            _byLabels.Clear();
            _entries = 0;
            _overflow = null;
        }
    }

    /// <summary>Ordered by the labels' bytes, the overflow at the end.</summary>
    public Series[] ToSortedArray()
    {
        lock (_lock)
        {
            IEnumerable<Series> sorted = _byLabels.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value);
            return _overflow is null ? [.. sorted] : [.. sorted, _overflow];
        }
    }

    private Series? Find(int hash, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        for (Entry? entry = Volatile.Read(ref _buckets[hash & (BucketCount - 1)]); entry is not null; entry = entry.Next)
        {
            if (entry.Hash == hash && entry.Has(tags))
            {
                return entry.Series;
            }
        }

        return null;
    }

    private Series Add(int hash, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Volatile.Read(ref _entries) >= maxEntries)
        {
            return Overflow();
        }

        lock (_lock)
        {
            if (Find(hash, tags) is { } added)
            {
                return added;
            }

            // Different tags can look the same as text (1 and "1"); as two series they would make the whole page invalid.
            string labels = LabelText.Of(tags);
            if (!_byLabels.TryGetValue(labels, out Series? series))
            {
                series = create(Encoding.UTF8.GetBytes(labels));
                _byLabels.Add(labels, series);
            }

            ref Entry? bucket = ref _buckets[hash & (BucketCount - 1)];
            Volatile.Write(ref bucket, new Entry(hash, tags.ToArray(), series, bucket));
            Volatile.Write(ref _entries, _entries + 1);
            return series;
        }
    }

    private Series Overflow()
    {
        lock (_lock)
        {
            return _overflow ??= create(OverflowLabels);
        }
    }

    // A sum, because the order of tags does not count.
    private static int HashOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        int hash = 0;
        foreach ((string key, object? value) in tags)
        {
            hash += ((HashOf(key) * 31) + (value is string text ? HashOf(text) : value?.GetHashCode() ?? 0)) * 0x2c1b3c6d;
        }

        return hash ^ (hash >>> 16);
    }

    // A string's own hash reads all of it, some 20 ns for each of the dozen that a request has; what these characters do not tell apart the comparison does.
    private static int HashOf(string text)
        => text.Length == 0 ? 0 : (text.Length * 0x1f1f) + (text[0] * 0x3d) + (text[text.Length / 2] * 0x1fd) + (text[^1] * 0x7);

    private sealed class Entry(int hash, KeyValuePair<string, object?>[] tags, Series series, Entry? next)
    {
        public int Hash => hash;

        public Series Series => series;

        public Entry? Next => next;

        public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> others)
        {
            if (others.Length != tags.Length)
            {
                return false;
            }

            for (int i = 0; i < others.Length; i++)
            {
                if (!IsSame(tags[i], others[i]) && !HasAnywhere(others[i]))
                {
                    return false;
                }
            }

            return true;
        }

        private bool HasAnywhere(KeyValuePair<string, object?> other)
        {
            foreach (KeyValuePair<string, object?> tag in tags)
            {
                if (IsSame(tag, other))
                {
                    return true;
                }
            }

            return false;
        }

        private static bool IsSame(KeyValuePair<string, object?> one, KeyValuePair<string, object?> other)
            => one.Key == other.Key && Equals(one.Value, other.Value);
    }
}
