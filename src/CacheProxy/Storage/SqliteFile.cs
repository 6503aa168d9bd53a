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

    /// <summary>Moves the file out of the way, with its log: what was committed last may be in that alone. No connection may be open.</summary>
    /// <param name="most">Under so many names; the last one is replaced.</param>
    /// <returns>Where it is now.</returns>
    public static string SetAside(string path, string suffix, int most)
    {
        string aside = $"{path}.{suffix}";
        for (int i = 2; i <= most && File.Exists(aside); i++)
        {
            aside = $"{path}.{suffix}-{i}";
        }

        Delete(aside);
        File.Move(path, aside);
        if (File.Exists(path + "-wal"))
        {
            File.Move(path + "-wal", aside + "-wal");
        }

        File.Delete(path + "-shm");
        return aside;
    }

    /// <summary>Deletes the file and its log. No connection may be open.</summary>
    public static void Delete(string path)
    {
        File.Delete(path);
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
