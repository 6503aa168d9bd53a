using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace CacheProxy.Storage;

/// <summary>
/// One prepared statement, bound and run without ADO.NET: its parameters, boxes and reader cost 10 us a row, as much as SQLite itself takes.
/// Parameters are given in their order. Not thread-safe; it ends before its connection does.
/// </summary>
internal sealed class RowStatement : IDisposable
{
    private const int LargestOnStack = 512;

    private readonly SqliteConnection _connection;
    private readonly sqlite3_stmt _statement;
    private int _bound;

    public RowStatement(SqliteConnection connection, string sql)
    {
        _connection = connection;
        Check(raw.sqlite3_prepare_v3(connection.Handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    public RowStatement Add(long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, ++_bound, value));
        return this;
    }

    /// <summary>SQLite copies it; not empty.</summary>
    public RowStatement Add(ReadOnlySpan<byte> value)
    {
        Check(raw.sqlite3_bind_blob(_statement, ++_bound, value));
        return this;
    }

    public RowStatement Add(string? value)
    {
        if (value is null)
        {
            Check(raw.sqlite3_bind_null(_statement, ++_bound));
            return this;
        }

        if (value.Length == 0)
        {
            // An empty span has no address, which is NULL to SQLite.
            Check(raw.sqlite3_bind_text(_statement, ++_bound, ""));
            return this;
        }

        int most = Encoding.UTF8.GetMaxByteCount(value.Length);
        Span<byte> bytes = most <= LargestOnStack ? stackalloc byte[LargestOnStack] : new byte[most];
        Check(raw.sqlite3_bind_text(_statement, ++_bound, bytes[..Encoding.UTF8.GetBytes(value, bytes)]));
        return this;
    }

    /// <summary>Runs it with what was added since the last time.</summary>
    /// <exception cref="SqliteException">It failed, or a parameter did.</exception>
    public void Run()
    {
        _bound = 0;
        int result = raw.sqlite3_step(_statement);
        int ended = raw.sqlite3_reset(_statement);
        if (result != raw.SQLITE_DONE)
        {
            Check(ended);
        }
    }

    /// <summary>The next row of what it selects; false: there is none, and it can be given new parameters.</summary>
    /// <exception cref="SqliteException">It failed, or a parameter did.</exception>
    public bool Read()
    {
        _bound = 0;
        int result = raw.sqlite3_step(_statement);
        if (result == raw.SQLITE_ROW)
        {
            return true;
        }

        int ended = raw.sqlite3_reset(_statement);
        if (result != raw.SQLITE_DONE)
        {
            Check(ended);
        }

        return false;
    }

    /// <summary>Leaves the rows that have not been read.</summary>
    public void Reset() => raw.sqlite3_reset(_statement);

    public long LongAt(int column) => raw.sqlite3_column_int64(_statement, column);

    /// <summary>Null where the column is.</summary>
    public string? TextAt(int column)
        => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL ? null : raw.sqlite3_column_text(_statement, column).utf8_to_string();

    /// <summary>SQLite's own memory, good until the next step.</summary>
    public ReadOnlySpan<byte> BytesAt(int column) => raw.sqlite3_column_blob(_statement, column);

    public void Dispose() => _statement.Dispose();

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            _bound = 0;
            SqliteException.ThrowExceptionForRC(result, _connection.Handle);
        }
    }
}
