using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache.Index;

/// <summary>Who was inserted when, over all partitions. A row whose question was replaced or removed since is stale; its stamp tells.</summary>
public sealed class InsertionOrder
{
    private Queue<Row> _rows = new();
    private long _lastStamp;

    public int Count => _rows.Count;

    /// <summary>Oldest first, stale ones among them.</summary>
    public IEnumerable<Row> Rows => _rows;

    /// <returns>The stamp of the new row: larger than every earlier one.</returns>
    public long Append(Fingerprint256 partition, Fingerprint256 fingerprint)
    {
        _rows.Enqueue(new Row(partition, fingerprint, ++_lastStamp));
        return _lastStamp;
    }

    public bool TryTakeOldest(out Row row) => _rows.TryDequeue(out row);

    /// <summary>Keeps the queue within twice the questions that are alive.</summary>
    public void CompactWhenMostlyStale(int alive, Func<Row, bool> isCurrent)
    {
        if (_rows.Count > 64 + (2 * alive))
        {
            _rows = new Queue<Row>(_rows.Where(isCurrent));
        }
    }

    public readonly record struct Row(Fingerprint256 Partition, Fingerprint256 Fingerprint, long Stamp);
}
