namespace CacheProxy.Storage;

/// <summary>
/// A file that one writer behind the requests keeps open: opened when it is needed, put aside and begun anew when it is damaged, left alone for some
/// seconds when it cannot be used. Says so once when it stops working and once when it works again. Never throws. Not thread-safe.
/// </summary>
/// <param name="path">Of the file.</param>
/// <param name="open">Opens it for writing, made where it is missing.</param>
/// <param name="what">What is not kept while it cannot be used, for the log.</param>
public sealed partial class KeptFile<T>(string path, Func<T> open, string what, TimeProvider time, ILogger logger) : IDisposable
    where T : class, IDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);

    private T? _file;
    private long? _failedAt;
    private long? _setAsideAt;

    /// <summary>Where a damaged file goes; the next one replaces it.</summary>
    public string AsidePath => path + ".damaged";

    /// <summary>It could not be used the last time.</summary>
    public bool IsFailing => _failedAt is not null;

    /// <summary>Does something with the file, all or nothing where that is one transaction. False: it was not done.</summary>
    public bool TryUse(Action<T> use)
    {
        if (IsWithin(_failedAt))
        {
            return false;
        }

        try
        {
            Use(use);
        }
        catch (Exception exception)
        {
            Close();
            if (!TrySetAside(exception))
            {
                Fail(exception);
                return false;
            }

            return TryUse(use);
        }

        if (_failedAt is not null)
        {
            _failedAt = null;
            Log.Recovered(logger, path);
        }

        return true;
    }

    public void Dispose() => Close();

    private void Use(Action<T> use)
    {
        if (_file is not null && !File.Exists(path))
        {
            // What is written to it now nobody will ever read.
            Close();
        }

        use(_file ??= open());
    }

    private void Close()
    {
        T? file = _file;
        _file = null;
        try
        {
            file?.Dispose();
        }
        catch (Exception exception) when (exception is Microsoft.Data.Sqlite.SqliteException or IOException)
        {
            // A broken file may not even be closed.
        }
    }

    private void Fail(Exception exception)
    {
        bool isFirst = _failedAt is null;
        _failedAt = time.GetTimestamp();
        if (isFirst)
        {
            Log.Failing(logger, path, what, exception.Message);
        }
    }

    // At once, but not over and over: a disk that spoils each new file has to wait like any other fault.
    private bool TrySetAside(Exception exception)
    {
        if (!SqliteFile.IsDamage(exception) || IsWithin(_setAsideAt))
        {
            return false;
        }

        try
        {
            _setAsideAt = time.GetTimestamp();
            SqliteFile.SetAside(path, AsidePath);
            Log.SetAside(logger, path, AsidePath, exception.Message);
            return true;
        }
        catch (Exception another) when (another is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private bool IsWithin(long? timestamp) => timestamp is { } then && time.GetElapsedTime(then) < RetryInterval;

    private static partial class Log
    {
        [LoggerMessage(921, LogLevel.Warning, "{File} cannot be used: {What} until it can. First cause: {Cause}", EventName = "FileFailing")]
        public static partial void Failing(ILogger logger, string file, string what, string cause);

        [LoggerMessage(922, LogLevel.Information, "{File} works again", EventName = "FileRecovered")]
        public static partial void Recovered(ILogger logger, string file);

        [LoggerMessage(923, LogLevel.Warning, "{File} could not be read and is now {Aside}; a new one takes its place. Cause: {Cause}", EventName = "FileSetAside")]
        public static partial void SetAside(ILogger logger, string file, string aside, string cause);
    }
}
