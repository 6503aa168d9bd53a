using CacheProxy.Storage;
using CacheProxy.Tests.Stores.Sqlite;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Tests.Storage;

public sealed class RowStatementTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SqliteConnection _connection;

    public RowStatementTests()
    {
        Directory.CreateDirectory(_folder.FolderPath);
        _connection = SqliteFile.OpenForWriting(_folder.File("rows.db"));
        SqliteFile.Execute(_connection, "CREATE TABLE rows(number INTEGER UNIQUE NOT NULL, name TEXT NOT NULL, other TEXT, value BLOB NOT NULL)");
    }

    public void Dispose()
    {
        _connection.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("Zürich \U0001F600")]
    [InlineData("a\0b")]
    public void Run_Texts_ComeBackAsTheyWere(string name)
    {
        using RowStatement insert = CreateSut();
        insert.Add(long.MinValue).Add(name).Add((string?)null).Add([1, 0, 2]).Run();
        insert.Add(2).Add(new string('ü', 5000)).Add("").Add([3]).Run();

        Assert.Equal(2L, SqliteFile.Scalar(_connection, "SELECT COUNT(*) FROM rows WHERE typeof(name) = 'text' AND typeof(value) = 'blob'"));
        Assert.Equal(1L, SqliteFile.Scalar(_connection, "SELECT COUNT(*) FROM rows WHERE other IS NULL"));
        using SqliteCommand select = _connection.CreateCommand();
        select.CommandText = "SELECT number, name, value FROM rows ORDER BY number";
        using SqliteDataReader row = select.ExecuteReader();
        Assert.True(row.Read());
        Assert.Equal((long.MinValue, name), (row.GetInt64(0), row.GetString(1)));
        Assert.Equal(new byte[] { 1, 0, 2 }, (byte[])row.GetValue(2));
        Assert.True(row.Read());
        Assert.Equal(new string('ü', 5000), row.GetString(1));
    }

    [Fact]
    public void Run_AgainstAConstraint_ThrowsAndGoesOn()
    {
        using RowStatement insert = CreateSut();
        insert.Add(1).Add("a").Add("b").Add([1]).Run();

        SqliteException fault = Assert.Throws<SqliteException>(() => insert.Add(1).Add("a").Add("b").Add([1]).Run());
        insert.Add(2).Add("a").Add("b").Add([1]).Run();

        Assert.Equal(19, fault.SqliteErrorCode);
        Assert.Equal(2L, SqliteFile.Scalar(_connection, "SELECT COUNT(*) FROM rows"));
    }

    private RowStatement CreateSut() => new(_connection, "INSERT INTO rows VALUES(?, ?, ?, ?)");
}
