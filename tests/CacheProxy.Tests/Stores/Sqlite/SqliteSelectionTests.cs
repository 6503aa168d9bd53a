using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Stores.Sqlite;
using CacheProxy.TestKit;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Tests.Stores.Sqlite;

public sealed class SqliteSelectionTests : StoreSelectionConformance, IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly RecordedLog<SqliteEntryStore> _log = new();
    private readonly SqliteEntryStore _store;

    public SqliteSelectionTests() => _store = new SqliteEntryStore(_folder.FolderPath, 1L << 30, new FakeTimeProvider(Now), _log);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("entry_id = 'x'", "entries_by_entry_id")]
    [InlineData("scope = 'x'", "entries_by_scope")]
    [InlineData("namespace = 'x'", "entries_by_namespace")]
    [InlineData("model = 'x'", "entries_by_model")]
    [InlineData("user_id = $u", "entries_by_user")]
    [InlineData("prefix_id = $u", "entries_by_prefix")]
    [InlineData("created >= 1 AND created < 2", "entries_by_creation")]
    [InlineData("id IN (SELECT id FROM tags WHERE tag = 'x')", "entries_by_id")]
    public async Task Selection_OfOneKind_UsesItsIndex(string condition, string index)
    {
        await _store.Opened;
        using var connection = new SqliteConnection($"Data Source={_folder.File("entries.db")};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"EXPLAIN QUERY PLAN SELECT id, entry_id, fingerprint FROM entries WHERE {condition}";
        command.Parameters.AddWithValue("$u", "x");
        using SqliteDataReader row = command.ExecuteReader();
        Assert.True(row.Read());
        Assert.Contains(index, row.GetString(3));
    }

    [Fact]
    public async Task Remove_WhileTheFileCannotBeUsed_SaysSo()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.FolderPath, "in the way", Cancellation);
        await using var store = new SqliteEntryStore(folder.FolderPath, 1L << 30, new FakeTimeProvider(Now), _log);

        await Assert.ThrowsAsync<IOException>(async () => await store.RemoveAsync(EntrySelector.Everything, null, Cancellation));
        await Assert.ThrowsAsync<IOException>(async () => await store.CountAsync(EntrySelector.Everything, Cancellation));
    }

    protected override ValueTask<IEntryStore> CreateSut() => new(_store);
}
