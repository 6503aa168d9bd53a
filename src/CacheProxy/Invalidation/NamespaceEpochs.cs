using CacheProxy.Exchange;

namespace CacheProxy.Invalidation;

/// <summary>The epochs of this process: read by every request without a lock, kept in the data folder, merged with what other proxies say.</summary>
public sealed partial class NamespaceEpochs : INamespaceEpochs
{
    private readonly Lock _lock = new();
    private readonly EpochFile _file;
    private readonly ILogger<NamespaceEpochs> _logger;
    private volatile EpochTable _table;

    public NamespaceEpochs(EpochFile file, ILogger<NamespaceEpochs> logger)
    {
        _file = file;
        _logger = logger;
        _table = file.Load(out string? damage);
        if (damage is not null)
        {
            Log.Damaged(logger, file.FilePath, damage);
            Save_NeedsLock();
        }
    }

    public EpochTable Table => _table;

    public int Of(string space) => _table.Of(space);

    /// <summary>Raises the namespace's epoch by one, for the very next request.</summary>
    /// <returns>The new epoch, and whether it is on disk.</returns>
    public (int Epoch, bool IsKept) Bump(string space)
    {
        lock (_lock)
        {
            int epoch = checked(_table.Of(space) + 1);
            _table = _table.With(space, epoch);
            return (epoch, Save_NeedsLock());
        }
    }

    /// <summary>Takes over what is higher elsewhere.</summary>
    public void Merge(IEnumerable<KeyValuePair<string, int>> others)
    {
        lock (_lock)
        {
            EpochTable before = _table;
            foreach ((string space, int epoch) in others)
            {
                if (epoch > _table.Of(space))
                {
                    _table = _table.With(space, epoch);
                }
            }

            if (!ReferenceEquals(before, _table))
            {
                Save_NeedsLock();
            }
        }
    }

    private bool Save_NeedsLock()
    {
        try
        {
            _file.Save(_table);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.NotKept(_logger, _file.FilePath, exception.Message);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1001, LogLevel.Warning, "{File} could not be read ({Reason}): everything stored before is out of reach", EventName = "EpochsDamaged")]
        public static partial void Damaged(ILogger logger, string file, string reason);

        [LoggerMessage(1002, LogLevel.Error, "{File} could not be written ({Reason}): after a restart, what was invalidated may be served again", EventName = "EpochsNotKept")]
        public static partial void NotKept(ILogger logger, string file, string reason);
    }
}
