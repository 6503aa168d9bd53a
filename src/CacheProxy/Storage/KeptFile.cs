namespace CacheProxy.Storage;

/// <summary>
/// A file that one writer behind the requests keeps open: opened when it is needed, put aside and begun anew when it is damaged, left alone for some
/// seconds when it cannot be used. Says so once when it stops working and once when it works again. Never throws. For one thread at a time; its state may be
/// read from any.
/// </summary>
/// <param name="path">Of the file.</param>
/// <param name="open">Opens it for writing, made where it is missing.</param>
/// <param name="what">What becomes of that which is not written while it cannot be used, for the log.</param>
/// <param name="mostAside">How many files that were put aside are kept. The first ones stay: they hold most.</param>
public sealed partial class KeptFile<T>(string path, Func<T> open, string what, TimeProvider time, ILogger logger, int mostAside = 1) : IFileHealth, IDisposable
    where T : class, IDisposable
{
    private T? _file;
    private long? _failedAt;
    private long? _setAsideAt;
    private volatile bool _isFailing;
    private long _faults;
    private long _setAside;

    /// <summary>How long a file that could not be used is left alone.</summary>
    public static TimeSpan RetryInterval { get; } = TimeSpan.FromSeconds(5);

    public string Name { get; } = Path.GetFileName(path);

    public bool IsFailing => _isFailing;

    public long Faults => Interlocked.Read(ref _faults);

    public long SetAside => Interlocked.Read(ref _setAside);

    /// <summary>What is open; null: nothing, or it cannot be used.</summary>
    public T? Current => Volatile.Read(ref _file);

    /// <summary>Why it could not be used the last time.</summary>
    public Exception? Cause { get; private set; }

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
            Interlocked.Increment(ref _faults);
            Cause = exception;
            if (!TrySetAside(exception))
            {
                Fail(exception);
                return false;
            }

            return TryUse(use);
        }

        if (_isFailing)
        {
            (_failedAt, _isFailing) = (null, false);
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
            Log.Removed(logger, path);
        }

        T file = _file ?? open();
        Volatile.Write(ref _file, file);
        use(file);
    }

    private void Close()
    {
        T? file = _file;
        Volatile.Write(ref _file, null);
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
        _failedAt = time.GetTimestamp();
        if (!_isFailing)
        {
            _isFailing = true;
            Log.Failing(logger, path, what, exception.Message);
        }
    }

    // At once, but not over and over: a disk that spoils each new file has to wait like any other fault.
    private bool TrySetAside(Exception exception)
    {
        var foreign = exception as UnknownLayoutException;
        if ((foreign is null && !SqliteFile.IsDamage(exception)) || IsWithin(_setAsideAt))
        {
            return false;
        }

        try
        {
            _setAsideAt = time.GetTimestamp();
            if (foreign is { IsWorthless: true })
            {
                SqliteFile.Delete(path);
                Log.Replaced(logger, path, exception.Message);
                return true;
            }

            string aside = SqliteFile.SetAside(path, foreign is null ? "damaged" : "other-layout", mostAside);
            Interlocked.Increment(ref _setAside);
            Log.SetAside(logger, path, aside, exception.Message);
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

        [LoggerMessage(924, LogLevel.Warning, "{File} was removed while it was in use; a new one takes its place", EventName = "FileRemoved")]
        public static partial void Removed(ILogger logger, string file);

        [LoggerMessage(925, LogLevel.Information, "{File} begins empty: {Cause} What it holds cannot be read any more", EventName = "FileReplaced")]
        public static partial void Replaced(ILogger logger, string file, string cause);
    }
}
