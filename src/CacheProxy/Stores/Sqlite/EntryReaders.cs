using System.Collections.Concurrent;
using CacheProxy.Exchange;
using CacheProxy.Stores.Codec;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace CacheProxy.Stores.Sqlite;

/// <summary>A few connections with a prepared look-up each. Reading runs on the thread pool: a disk may stall, the caller may not.</summary>
internal sealed class EntryReaders(EntryFile file, int count) : IDisposable
{
    private readonly SemaphoreSlim _free = new(count, count);
    private readonly ConcurrentBag<Reader> _idle = [];

    /// <summary>The entry if it is of use at that time, and when it was used last; times in Unix milliseconds.</summary>
    public async Task<(CacheEntry? Entry, long LastUsed)> ReadAsync(
        Fingerprint256 fingerprint, long now, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        return await Task.Run(() => Read(fingerprint, now), CancellationToken.None);
    }

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

    private (CacheEntry? Entry, long LastUsed) Read(Fingerprint256 fingerprint, long now)
    {
        Reader? reader = null;
        try
        {
            reader = _idle.TryTake(out Reader? idle) ? idle : new Reader(file.OpenForReading());
            return reader.Read(fingerprint, now);
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
        private readonly SqliteConnection _connection;
        private readonly SqliteCommand _select;

        public Reader(SqliteConnection connection)
        {
            _connection = connection;
            _select = connection.CreateCommand();
            _select.CommandText = "SELECT value, last_used FROM entries WHERE id = $id AND usable_until > $now";
            _select.Parameters.Add("$id", SqliteType.Integer);
            _select.Parameters.Add("$now", SqliteType.Integer);
            _select.Prepare();
        }

        public (CacheEntry? Entry, long LastUsed) Read(Fingerprint256 fingerprint, long now)
        {
            _select.Parameters[0].Value = (long)fingerprint[0];
            _select.Parameters[1].Value = now;
            using SqliteDataReader row = _select.ExecuteReader();
            if (!row.Read())
            {
                return default;
            }

            // SQLite's own memory, good until the next step: decoding from it saves a copy of the value.
            ReadOnlySpan<byte> value = raw.sqlite3_column_blob(row.Handle, 0);
            return (EntryCodec.Decode(value, fingerprint), row.GetInt64(1));
        }

        public void Dispose()
        {
            _select.Dispose();
            _connection.Dispose();
        }
    }
}
