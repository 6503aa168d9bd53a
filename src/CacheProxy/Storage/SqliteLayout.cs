using Microsoft.Data.Sqlite;

namespace CacheProxy.Storage;

/// <summary>The tables of a file, and how those of an earlier version become them: what a file holds outlives the program that began it.</summary>
/// <param name="Version">Carried by every file that is laid out so.</param>
/// <param name="Tables">Makes what is missing: each statement with IF NOT EXISTS.</param>
/// <param name="Settings">Pragmas of the writer's connection.</param>
public sealed record SqliteLayout(int Version, string Tables, string Settings = "")
{
    /// <summary>What makes of a version the one after it, by the version that it starts from. They run before <see cref="Tables"/>.</summary>
    public IReadOnlyDictionary<int, string> Steps { get; init; } = new Dictionary<int, string>();

    /// <summary>What an earlier version wrote, and no step takes over, is of no use to anybody: it is deleted, not put aside.</summary>
    public bool DropsFormer { get; init; }

    /// <summary>Opens the file for its one writer, made or taken over in one transaction.</summary>
    /// <exception cref="UnknownLayoutException">Another version wrote it.</exception>
    public SqliteConnection Open(string path)
    {
        SqliteConnection connection = SqliteFile.OpenForWriting(path);
        try
        {
            SqliteFile.Execute(connection, $"{Settings}; BEGIN IMMEDIATE");
            long version = SqliteFile.VersionOf(connection);
            if (version != 0)
            {
                TakeOver(connection, path, version);
            }

            SqliteFile.Execute(connection, $"{Tables} PRAGMA user_version = {Version}; COMMIT");
            return connection;
        }
        catch
        {
            // Closing rolls back.
            connection.Dispose();
            throw;
        }
    }

    private void TakeOver(SqliteConnection connection, string path, long version)
    {
        for (long step = version; step != Version; step++)
        {
            if (step > Version || !Steps.TryGetValue((int)step, out string? sql))
            {
                throw new UnknownLayoutException(path, version, isWorthless: DropsFormer && version > 0 && version < Version);
            }

            SqliteFile.Execute(connection, sql);
        }
    }
}
