using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Storage;

/// <summary>The statements of a file's one writer. After a failure it is not to be used any more: closing it takes back what was begun. Not thread-safe.</summary>
public abstract class FileTables(SqliteConnection connection) : IDisposable
{
    // What SQLite keeps of the log once it is done with it.
    private const long LogBytes = 64L << 20;

    private static readonly TimeSpan LogPatience = TimeSpan.FromSeconds(1);
    private static readonly ManualResetEvent Never = new(initialState: false);
    private static readonly TimeSpan LogPause = TimeSpan.FromMilliseconds(10);

    private long _nextLogBytes = LogBytes;

    protected SqliteConnection Connection => connection;

    /// <summary>Runs the statements in one transaction.</summary>
    public void Write(Action statements)
    {
        SqliteFile.Execute(connection, "BEGIN IMMEDIATE");
        statements();
        SqliteFile.Execute(connection, "COMMIT");
        KeepLogShort();
    }

    // SQLite begins its log anew only where no reader is behind, which may never be while many read: then they are waited for. Who reads for longer
    // is not: there is another try when the log has grown by as much again.
    private void KeepLogShort()
    {
        var log = new FileInfo(connection.DataSource + "-wal");
        long size = log.Exists ? log.Length : 0;
        if (size < _nextLogBytes)
        {
            _nextLogBytes = Math.Min(_nextLogBytes, size + LogBytes);
            return;
        }

        _nextLogBytes = size + LogBytes;
        try
        {
            // SQLite's own waiting sleeps whole seconds in some builds.
            long start = Stopwatch.GetTimestamp();
            while (SqliteFile.Scalar(connection, "PRAGMA wal_checkpoint(TRUNCATE)") is not 0L && Stopwatch.GetElapsedTime(start) < LogPatience)
            {
                Never.WaitOne(LogPause);
            }
        }
        catch (SqliteException)
        {
            // What was written is committed: whoever was told otherwise would write it twice.
        }
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            connection.Dispose();
        }
    }
}
