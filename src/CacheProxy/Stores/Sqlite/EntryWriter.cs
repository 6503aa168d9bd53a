using CacheProxy.Exchange;
using CacheProxy.Storage;
using CacheProxy.Stores.Codec;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Stores.Sqlite;

/// <summary>The statements of the one writer, and beside them what look-ups need of the open file. Every call is part of a transaction.</summary>
internal sealed class EntryWriter : FileTables
{
    // Row, a dozen index entries and page slack: 100,000 entries measured.
    private const int RowBytes = 600;

    private const int EvictedAtOnce = 256;
    private const int SweptAtOnce = 1000;

    // Twice the cores of a small machine; a read takes tens of microseconds, so that more only wait for the same disk.
    private const int ReaderCount = 4;

    private readonly long _sizeLimitBytes;
    private readonly StoredIds _ids = new();
    private readonly SqliteCommand _size;
    private readonly SqliteCommand _entryId;
    private readonly RowStatement _upsert;
    private readonly SqliteCommand _delete;
    private readonly SqliteCommand _deleteOne;
    private readonly SqliteCommand _tag;
    private readonly SqliteCommand _untag;
    private readonly SqliteCommand _touch;
    private readonly SqliteCommand _oldest;
    private readonly SqliteCommand _expired;
    private readonly SqliteCommand _sum;
    private readonly SqliteCommand _dataVersion;
    private readonly long _firstDataVersion;

    public EntryWriter(string path, long sizeLimitBytes) : base(EntryFile.Layout.Open(path))
    {
        _sizeLimitBytes = sizeLimitBytes;
        _size = Prepare("SELECT size FROM entries WHERE id = $id", "$id");
        _entryId = Prepare("SELECT entry_id FROM entries WHERE id = $id", "$id");
        _upsert = new RowStatement(
            Connection,
            """
            INSERT OR REPLACE INTO entries(
                id, usable_until, last_used, size, created, fingerprint, entry_id, scope, namespace, model, user_id, prefix_id, value)
            VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """);
        _delete = Prepare("DELETE FROM entries WHERE id = $id", "$id");
        _deleteOne = Prepare("DELETE FROM entries WHERE id = $id AND entry_id = $entry", "$id", "$entry");
        _tag = Prepare("INSERT OR IGNORE INTO tags(tag, id) VALUES($tag, $id)", "$tag", "$id");
        _untag = Prepare("DELETE FROM tags WHERE id = $id", "$id");
        _touch = Prepare("UPDATE entries SET last_used = $used WHERE id = $id", "$used", "$id");
        _oldest = Prepare($"SELECT id, size FROM entries ORDER BY last_used LIMIT {EvictedAtOnce}");
        _expired = Prepare(
            $"SELECT id, size FROM entries WHERE usable_until <= $now UNION SELECT id, size FROM entries WHERE created > $ahead LIMIT {SweptAtOnce}", "$now", "$ahead");
        _sum = Prepare("SELECT COALESCE(SUM(size), 0) FROM entries");
        _dataVersion = Prepare("PRAGMA data_version");
        _firstDataVersion = (long)_dataVersion.ExecuteScalar()!;
        SizeBytes = (long)_sum.ExecuteScalar()!;
        Readers = new EntryReaders(path, ReaderCount);
        _ = FillAsync(_ids, Readers);
    }

    public EntryReaders Readers { get; }

    /// <summary>Stored bytes of all entries with their rows.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>Entries that left for want of room.</summary>
    public long Evictions { get; private set; }

    /// <summary>False: it is certain that the file does not hold it.</summary>
    public bool MayHold(Fingerprint256 fingerprint) => _ids.MayHold(fingerprint.Order);

    /// <summary>False when it is too large to be kept.</summary>
    public bool Set(CacheEntry entry, long now)
    {
        byte[] value = EntryCodec.Encode(entry);
        int size = value.Length + RowBytes;

        // One entry may take an eighth of the room: a larger one would drive out too many others.
        if (size > _sizeLimitBytes / 8)
        {
            return false;
        }

        long id = entry.Fingerprint.Order;
        bool isNew = !_ids.MayHold(id);
        SizeBytes += size - (isNew ? 0 : SizeOf(id));
        _ids.Add(id);
        Span<byte> fingerprint = stackalloc byte[Fingerprint256.SizeBytes];
        entry.Fingerprint.CopyTo(fingerprint);
        _upsert
            .Add(id).Add(entry.UsableUntil.ToUnixTimeMilliseconds()).Add(now).Add(size).Add(entry.CreatedAt.UtcTicks).Add(fingerprint)
            .Add(entry.Id).Add(entry.Scope).Add(entry.Namespace).Add(entry.Model).Add(entry.UserId).Add(entry.PrefixId).Add(value)
            .Run();

        // A row that is replaced fires no trigger.
        if (!isNew)
        {
            Run(_untag, id);
        }

        foreach (string tag in entry.Tags)
        {
            Run(_tag, tag, id);
        }

        if (SizeBytes > _sizeLimitBytes)
        {
            Evict();
        }

        return true;
    }

    /// <summary>True when that very entry was there.</summary>
    public bool Retag(CacheEntry entry, IReadOnlyList<string> tags, long now)
    {
        _entryId.Parameters[0].Value = entry.Fingerprint.Order;
        return _entryId.ExecuteScalar() as string == entry.Id && Set(entry with { Tags = tags }, now);
    }

    /// <summary>True when an entry was there.</summary>
    public bool Remove(Fingerprint256 fingerprint)
    {
        long id = fingerprint.Order;
        SizeBytes -= SizeOf(id);
        _ids.Remove(id);
        return Run(_delete, id) > 0;
    }

    /// <summary>What matches now.</summary>
    public List<SelectedRow> Select(EntrySelector selector)
    {
        using SqliteCommand select = Connection.CreateCommand();
        select.CommandText = $"SELECT id, entry_id, fingerprint FROM entries WHERE {SelectorSql.Condition(selector, select)}";
        using SqliteDataReader reader = select.ExecuteReader();
        var rows = new List<SelectedRow>();
        while (reader.Read())
        {
            rows.Add(new SelectedRow(reader.GetInt64(0), reader.GetString(1), new Fingerprint256((byte[])reader.GetValue(2))));
        }

        return rows;
    }

    /// <summary>True when that very entry was there; a newer one in its place stays.</summary>
    public bool Remove(SelectedRow row)
    {
        long size = SizeOf(row.Id);
        bool wasThere = Run(_deleteOne, row.Id, row.EntryId) > 0;
        SizeBytes -= wasThere ? size : 0;
        if (wasThere)
        {
            _ids.Remove(row.Id);
        }

        return wasThere;
    }

    public void Touch(Fingerprint256 fingerprint, long lastUsed) => Run(_touch, lastUsed, fingerprint.Order);

    /// <summary>Deletes up to a thousand entries past their use, or made when the clock was ahead; true when there may be more.</summary>
    public bool Sweep(long now)
    {
        _expired.Parameters[0].Value = now;
        _expired.Parameters[1].Value = (DateTimeOffset.FromUnixTimeMilliseconds(now) + CacheEntry.ClockTolerance).UtcTicks;
        bool isFull = DeleteRows(_expired, stopAtBytes: null) == SweptAtOnce;

        // Counted anew, in case another process writes to the same file. The version changes with the commits of others only.
        if ((long)_dataVersion.ExecuteScalar()! != _firstDataVersion)
        {
            _ids.GiveUp();
        }

        SizeBytes = (long)_sum.ExecuteScalar()!;
        return isFull;
    }

    protected override void Dispose(bool disposing)
    {
        Readers.Dispose();
        _upsert.Dispose();
        base.Dispose(disposing);
    }

    // Every look-up asks the file until this is done. What is committed meanwhile the writer adds itself.
    private static async Task FillAsync(StoredIds ids, EntryReaders readers)
    {
        try
        {
            await readers.AddIdsAsync(ids);
            ids.Complete();
        }
        catch (Exception exception) when (exception is SqliteException or IOException or InvalidOperationException)
        {
            // A damaged file: the look-ups meet the same and say so.
            ids.GiveUp();
        }
    }

    private long SizeOf(long id)
    {
        _size.Parameters[0].Value = id;
        return _size.ExecuteScalar() is long size ? size : 0;
    }

    // Down to 95 %, so that a full file does not evict on every write.
    private void Evict()
    {
        long target = _sizeLimitBytes / 20 * 19;
        int evicted;
        do
        {
            evicted = DeleteRows(_oldest, target);
            Evictions += evicted;
        }
        while (evicted > 0 && SizeBytes > target);
    }

    private int DeleteRows(SqliteCommand select, long? stopAtBytes)
    {
        var rows = new List<(long Id, long Size)>();
        using (SqliteDataReader reader = select.ExecuteReader())
        {
            while (reader.Read())
            {
                rows.Add((reader.GetInt64(0), reader.GetInt64(1)));
            }
        }

        int deleted = 0;
        foreach ((long id, long size) in rows)
        {
            if (SizeBytes <= stopAtBytes)
            {
                break;
            }

            Run(_delete, id);
            _ids.Remove(id);
            SizeBytes -= size;
            deleted++;
        }

        return deleted;
    }

    private SqliteCommand Prepare(string sql, params string[] parameters)
    {
        SqliteCommand command = Connection.CreateCommand();
        command.CommandText = sql;
        foreach (string name in parameters)
        {
            command.Parameters.Add(name, TypeOf(name));
        }

        command.Prepare();
        return command;
    }

    private static SqliteType TypeOf(string parameter) => parameter switch
    {
        "$entry" or "$tag" => SqliteType.Text,
        _ => SqliteType.Integer,
    };

    private static int Run(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        return command.ExecuteNonQuery();
    }
}
