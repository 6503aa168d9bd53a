using Microsoft.Data.Sqlite;

namespace CacheProxy.Storage;

/// <summary>The statements of a file's one writer. After a failure it is not to be used any more: closing it takes back what was begun. Not thread-safe.</summary>
public abstract class FileTables(SqliteConnection connection) : IDisposable
{
    protected SqliteConnection Connection => connection;

    /// <summary>Runs the statements in one transaction.</summary>
    public void Write(Action statements)
    {
        SqliteFile.Execute(connection, "BEGIN IMMEDIATE");
        statements();
        SqliteFile.Execute(connection, "COMMIT");
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
