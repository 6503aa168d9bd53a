using System.Collections.Concurrent;
using CacheProxy.Exchange;
using CacheProxy.Storage;
using CacheProxy.Stores.Codec;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace CacheProxy.Stores.Sqlite;

/// <summary>A few connections with a prepared look-up each. Reading runs on the thread pool: a disk may stall, the caller may not.</summary>
internal sealed class EntryReaders(string path, int count) : IDisposable
{
    private readonly SemaphoreSlim _free = new(count, count);
    private readonly ConcurrentBag<Reader> _idle = [];

    /// <summary>The entry if it is of use at that time, and when it was used last; times in Unix milliseconds.</summary>
    public Task<(CacheEntry? Entry, long LastUsed)> ReadAsync(Fingerprint256 fingerprint, long now, CancellationToken cancellationToken)
        => UseAsync(reader => reader.Read(fingerprint, now), cancellationToken);

    public Task<long> CountAsync(EntrySelector selector, CancellationToken cancellationToken)
        => UseAsync(reader => reader.Count(selector), cancellationToken);

    /// <summary>The next matching entries that are of use at that time; one that cannot be read is left out.</summary>
    public Task<EntryPage> ReadPageAsync(EntrySelector selector, long? after, long now, CancellationToken cancellationToken)
        => UseAsync(reader => reader.ReadPage(selector, after, now), cancellationToken);

    /// <summary>The same as one look-up for each of the fingerprints at <paramref name="places"/>, in one turn; says what it finds at once.</summary>
    public Task ReadManyAsync(
        ReadOnlyMemory<Fingerprint256> fingerprints, List<int> places, long now, Action<int, CacheEntry, long> found, CancellationToken cancellationToken)
        => UseAsync(
            reader =>
            {
                foreach (int place in places)
                {
                    // Who asked has left: the connection is for others.
                    if (cancellationToken.IsCancellationRequested)
                    {
                        return false;
                    }

                    (CacheEntry? entry, long lastUsed) = reader.Read(fingerprints.Span[place], now);
                    if (entry is not null)
                    {
                        found(place, entry, lastUsed);
                    }
                }

                return true;
            },
            cancellationToken);

    /// <summary>Adds the number of every row.</summary>
    public Task AddIdsAsync(StoredIds ids) => UseAsync(
        reader =>
        {
            reader.AddIds(ids);
            return true;
        },
        CancellationToken.None);

    /// <summary>Waits for the reads under way, then closes the connections. No read may begin any more.</summary>
    public void Dispose()
    {
        for (int i = 0; i < count; i++)
        {
            _free.Wait();
        }

        while (_idle.TryTake(out Reader? reader))
        {
            reader.Dispose();
        }

        // The semaphore stays taken rather than disposed: a late reader then waits, until its caller's budget ends it.
    }

    private async Task<T> UseAsync<T>(Func<Reader, T> work, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        return await Task.Run(() => Use(work), CancellationToken.None);
    }

    private T Use<T>(Func<Reader, T> work)
    {
        Reader? reader = null;
        try
        {
            reader = _idle.TryTake(out Reader? idle) ? idle : new Reader(SqliteFile.OpenForReading(path));
            return work(reader);
        }
        catch
        {
            reader?.Dispose();
            reader = null;
            throw;
        }
        finally
        {
            if (reader is not null)
            {
                _idle.Add(reader);
            }

            _free.Release();
        }
    }

    private sealed class Reader : IDisposable
    {
        private const int PageRows = 100;

        private readonly SqliteConnection _connection;
        private readonly SqliteCommand _select;
        private readonly SqliteCommand _tag;

        public Reader(SqliteConnection connection)
        {
            _connection = connection;
            _select = connection.CreateCommand();
            _select.CommandText = $"SELECT value, last_used, {EntryRow.Columns} FROM entries WHERE id = $id AND usable_until > $now";
            _select.Parameters.Add("$id", SqliteType.Integer);
            _select.Parameters.Add("$now", SqliteType.Integer);
            _select.Prepare();
            _tag = connection.CreateCommand();
            _tag.CommandText = "SELECT 1 FROM tags WHERE tag = $tag AND id = $id";
            _tag.Parameters.Add("$tag", SqliteType.Text);
            _tag.Parameters.Add("$id", SqliteType.Integer);
            _tag.Prepare();
        }

        public (CacheEntry? Entry, long LastUsed) Read(Fingerprint256 fingerprint, long now)
        {
            (CacheEntry? Entry, long LastUsed) found = ReadRow(fingerprint, now);
            if (found.Entry is null || HasItsTags(found.Entry))
            {
                return found;
            }

            // The row may have been replaced between the two questions, in one go with its tags.
            found = ReadRow(fingerprint, now);
            return found.Entry is null || HasItsTags(found.Entry) ? found : default;
        }

        // A purge finds it by them: an entry that no purge would find must not be served after one.
        private bool HasItsTags(CacheEntry entry)
        {
            foreach (string tag in entry.Tags)
            {
                _tag.Parameters[0].Value = tag;
                _tag.Parameters[1].Value = entry.Fingerprint.Order;
                if (_tag.ExecuteScalar() is null)
                {
                    return false;
                }
            }

            return true;
        }

        private (CacheEntry? Entry, long LastUsed) ReadRow(Fingerprint256 fingerprint, long now)
        {
            _select.Parameters[0].Value = fingerprint.Order;
            _select.Parameters[1].Value = now;
            using SqliteDataReader row = _select.ExecuteReader();
            if (!row.Read())
            {
                return default;
            }

            // SQLite's own memory, good until the next step: decoding from it saves a copy of the value.
            ReadOnlySpan<byte> value = raw.sqlite3_column_blob(row.Handle, 0);
            return EntryCodec.Decode(value, fingerprint) is { } entry && EntryRow.Fits(row, 2, entry) ? (entry, row.GetInt64(1)) : default;
        }

        public void AddIds(StoredIds ids)
        {
            using SqliteCommand all = _connection.CreateCommand();
            // 100,000 rows are 2 MB in that tree and 130 MB in the table.
            all.CommandText = "SELECT id FROM entries INDEXED BY entries_by_id";
            using SqliteDataReader row = all.ExecuteReader();
            while (row.Read())
            {
                ids.Add(row.GetInt64(0));
            }
        }

        public long Count(EntrySelector selector)
        {
            using SqliteCommand count = _connection.CreateCommand();
            count.CommandText = $"SELECT COUNT(*) FROM entries WHERE {SelectorSql.Condition(selector, count)}";
            return (long)count.ExecuteScalar()!;
        }

        public EntryPage ReadPage(EntrySelector selector, long? after, long now)
        {
            using SqliteCommand page = _connection.CreateCommand();
            page.CommandText = $"""
                SELECT value, id FROM entries
                WHERE id > $after AND usable_until > $now AND {SelectorSql.Condition(selector, page)} ORDER BY id LIMIT {PageRows}
                """;
            page.Parameters.AddWithValue("$after", after ?? long.MinValue);
            page.Parameters.AddWithValue("$now", now);
            using SqliteDataReader row = page.ExecuteReader();
            var entries = new List<CacheEntry>(PageRows);
            long? last = null;
            int rows = 0;
            for (; row.Read(); rows++)
            {
                last = row.GetInt64(1);
                if (EntryCodec.Decode(raw.sqlite3_column_blob(row.Handle, 0)) is { } entry && entry.Fingerprint.Order == last && selector.Matches(entry))
                {
                    entries.Add(entry);
                }
            }

            return new EntryPage(entries, rows == PageRows ? last : null);
        }

        public void Dispose()
        {
            _select.Dispose();
            _tag.Dispose();
            _connection.Dispose();
        }
    }
}
