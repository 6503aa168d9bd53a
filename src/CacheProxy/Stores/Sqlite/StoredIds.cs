namespace CacheProxy.Stores.Sqlite;

/// <summary>
/// The rows that the file may hold, in memory: who asks for one that is not here need not ask the file. It may name a row that is gone, never
/// lack one that this process committed. What another process writes is not known here; <see cref="GiveUp"/> is for that.
/// </summary>
internal sealed class StoredIds
{
    // 20 bytes each while the set grows by doubling: about 80 MB at most, for a file of more than 2 GB. A larger file is asked every time.
    private const int MostIds = 2 << 20;

    private readonly Lock _lock = new();
    private HashSet<long>? _ids = [];
    private bool _isComplete;

    /// <summary>Every row that was there before the first <see cref="Add"/> is in.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _isComplete = true;
        }
    }

    /// <summary>Knows nothing from here on.</summary>
    public void GiveUp()
    {
        lock (_lock)
        {
            _ids = null;
        }
    }

    public void Add(long id)
    {
        lock (_lock)
        {
            _ids?.Add(id);
            if (_ids?.Count > MostIds)
            {
                _ids = null;
            }
        }
    }

    public void Remove(long id)
    {
        lock (_lock)
        {
            _ids?.Remove(id);
        }
    }

    /// <summary>False: it is certain that the row is not in the file.</summary>
    public bool MayHold(long id)
    {
        lock (_lock)
        {
            return !_isComplete || _ids is null || _ids.Contains(id);
        }
    }
}
