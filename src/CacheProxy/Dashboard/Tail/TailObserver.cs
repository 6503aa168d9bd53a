using CacheProxy.Ledger;

namespace CacheProxy.Dashboard.Tail;

/// <summary>
/// Gives every row to who looks on. Without anybody a row costs one read; with somebody, a comparison and a place in that reader's queue: nobody who
/// reads slowly holds up a request.
/// </summary>
internal sealed class TailObserver : ILedgerObserver
{
    /// <summary>Each costs every request some 100 ns.</summary>
    public const int MostReaders = 16;

    private readonly Lock _lock = new();
    private volatile TailReader[] _readers = [];

    public int Readers => _readers.Length;

    public bool IsLive => _readers.Length > 0;

    public void OnAdded(in LedgerRow row)
    {
        foreach (TailReader reader in _readers)
        {
            reader.Offer(row);
        }
    }

    /// <summary>False: there are as many as there may be.</summary>
    public bool TryAdd(TailReader reader)
    {
        lock (_lock)
        {
            if (_readers.Length >= MostReaders)
            {
                return false;
            }

            _readers = [.. _readers, reader];
            return true;
        }
    }

    public void Remove(TailReader reader)
    {
        lock (_lock)
        {
            _readers = [.. _readers.Where(one => one != reader)];
        }
    }
}
