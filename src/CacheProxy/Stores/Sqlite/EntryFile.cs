using Microsoft.Data.Sqlite;

namespace CacheProxy.Stores.Sqlite;

/// <summary>
/// Opens connections to the entries' file: write-ahead log, so that readers and the writer do not wait for each other and a
/// killed process loses nothing it had committed. Knows the file's layout and which errors mean that it is beyond repair.
/// </summary>
internal sealed class EntryFile(string folder)
{
    public const int LayoutVersion = 1;

    private const int SqliteCorrupt = 11;
    private const int SqliteNotADatabase = 26;

    // id is the fingerprint's first 64 bits: one tree instead of two, and random ids are spread as a hash's are anyway.
    // Two fingerprints that share them (2^-64 a pair) displace each other; the entry's own fingerprint is checked on reading.
    // entries_by_use covers both the eviction and the sum of sizes, so neither reads the values.
    private const string Layout = """
        CREATE TABLE IF NOT EXISTS entries(
            id INTEGER PRIMARY KEY,
            usable_until INTEGER NOT NULL,
            last_used INTEGER NOT NULL,
            size INTEGER NOT NULL,
            value BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS entries_by_use ON entries(last_used, size);
        CREATE INDEX IF NOT EXISTS entries_by_end ON entries(usable_until);
        """;

    static EntryFile() => SQLitePCL.Batteries_V2.Init();

    public string FilePath { get; } = Path.Combine(folder, "entries.db");

    /// <summary>Where a file that could not be read goes; the next one replaces it.</summary>
    public string AsidePath => FilePath + ".damaged";

    /// <summary>True when the file itself is at fault, so that only a new one helps.</summary>
    public static bool IsDamage(Exception exception)
        => exception is SqliteException { SqliteErrorCode: SqliteCorrupt or SqliteNotADatabase } or InvalidDataException;

    /// <summary>The writer's connection; makes folder, file and tables where they are missing.</summary>
    /// <exception cref="InvalidDataException">The file has another layout version.</exception>
    public SqliteConnection OpenForWriting()
    {
        CreateFolderAndFile();
        SqliteConnection connection = Open();
        try
        {
            // Without a log of its own the file would block readers for every commit.
            if (Scalar(connection, "PRAGMA journal_mode = WAL") is not "wal")
            {
                throw new IOException("The file system does not allow SQLite's write-ahead log.");
            }

            Execute(connection, "PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 67108864");
            long version = (long)Scalar(connection, "PRAGMA user_version")!;
            if (version is not 0 and not LayoutVersion)
            {
                throw new InvalidDataException($"Layout version {version} of {FilePath} is not known here.");
            }

            Execute(connection, $"BEGIN IMMEDIATE; {Layout} PRAGMA user_version = {LayoutVersion}; COMMIT");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public SqliteConnection OpenForReading()
    {
        SqliteConnection connection = Open();
        Execute(connection, "PRAGMA query_only = 1");
        return connection;
    }

    /// <summary>Moves the file out of the way and drops its log, which belongs to it. No connection may be open.</summary>
    public void SetAside()
    {
        File.Move(FilePath, AsidePath, overwrite: true);
        File.Delete(FilePath + "-wal");
        File.Delete(FilePath + "-shm");
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = FilePath,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
            // Seconds to wait for another process' lock.
            DefaultTimeout = 1,
        }.ToString());
        connection.Open();
        return connection;
    }

    // Answers are secret: only the owner may read them. SQLite gives its log the mode of the file.
    private void CreateFolderAndFile()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        new FileStream(FilePath, options).Dispose();
    }
}
