using Microsoft.Data.Sqlite;

namespace CacheProxy.Storage;

/// <summary>What all SQLite files of the data folder have in common: how they are opened, asked, found damaged and put aside.</summary>
public static class SqliteFile
{
    private const int SqliteCorrupt = 11;
    private const int SqliteNotADatabase = 26;

    // Seconds to wait for another process' lock.
    private const int LockSeconds = 1;

    static SqliteFile() => SQLitePCL.Batteries_V2.Init();

    /// <summary>True when the file itself is at fault, so that only a new one helps.</summary>
    public static bool IsDamage(Exception exception)
        => exception is SqliteException { SqliteErrorCode: SqliteCorrupt or SqliteNotADatabase } or InvalidDataException;

    /// <summary>
    /// Opens the file for its one writer, made where it is missing, with a write-ahead log: readers and the writer do not wait for each other, and
    /// a killed process loses nothing it had committed.
    /// </summary>
    /// <exception cref="IOException">The file system does not allow a write-ahead log.</exception>
    public static SqliteConnection OpenForWriting(string path)
    {
        // SQLite gives its log the mode of the file.
        OwnerOnly.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite).Dispose();
        SqliteConnection connection = Open(path);
        try
        {
            // Without a log of its own the file would block readers for every commit.
            if (Scalar(connection, "PRAGMA journal_mode = WAL") is not "wal")
            {
                throw new IOException("The file system does not allow SQLite's write-ahead log.");
            }

            Execute(connection, "PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 67108864");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static SqliteConnection OpenForReading(string path)
    {
        SqliteConnection connection = Open(path);
        Execute(connection, "PRAGMA query_only = 1");
        return connection;
    }

    /// <summary>The layout version that the file carries; 0: it is new.</summary>
    public static long VersionOf(SqliteConnection connection) => (long)Scalar(connection, "PRAGMA user_version")!;

    /// <summary>Makes what is missing of the layout, in one transaction with its version.</summary>
    public static void Lay(SqliteConnection connection, string layout, int version)
        => Execute(connection, $"BEGIN IMMEDIATE; {layout} PRAGMA user_version = {version}; COMMIT");

    public static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static object? Scalar(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    /// <summary>Moves the file out of the way and drops its log, which belongs to it. No connection may be open.</summary>
    public static void SetAside(string path, string asidePath)
    {
        File.Move(path, asidePath, overwrite: true);
        DeleteLog(path);
    }

    /// <summary>Deletes the file and its log. No connection may be open.</summary>
    public static void Delete(string path)
    {
        File.Delete(path);
        DeleteLog(path);
    }

    private static void DeleteLog(string path)
    {
        File.Delete(path + "-wal");
        File.Delete(path + "-shm");
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
            DefaultTimeout = LockSeconds,
        }.ToString());
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
