using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using CacheProxy.Exchange;
using CacheProxy.Storage;
using Microsoft.Data.Sqlite;

namespace CacheProxy.SemanticCache.Index;

/// <summary>
/// Questions and vectors in one SQLite file, so that semantic hits survive a restart. One connection, one caller at a time, no caching of its
/// own. Rows of other models are stale: they are never searched, only embedded again and replaced.
/// </summary>
public sealed class QuestionFile : FileTables
{
    public const int LayoutVersion = 2;

    // vector: half-precision floats, little-endian. The order of row ids is the order of insertion.
    // embedder: which models the vector and the partition are of. source: the request's own partition; null in rows of version 1.
    private const string Layout = """
        CREATE TABLE IF NOT EXISTS questions(
            id INTEGER PRIMARY KEY,
            partition BLOB NOT NULL,
            fingerprint BLOB NOT NULL,
            usable_until INTEGER NOT NULL,
            embedder TEXT NOT NULL,
            text TEXT NOT NULL,
            vector BLOB NOT NULL,
            source BLOB,
            UNIQUE(partition, fingerprint));
        CREATE INDEX IF NOT EXISTS questions_by_fingerprint ON questions(fingerprint);
        """;

    private readonly string _models;
    private readonly int _dimensions;
    private readonly SqliteCommand _upsert;
    private readonly SqliteCommand _replace;
    private readonly SqliteCommand _deleteRow;
    private readonly SqliteCommand _delete;
    private readonly SqliteCommand _deleteAnywhere;

    /// <param name="path">Its folder is made when it is missing; folder and file are readable by their owner only.</param>
    /// <param name="models">Whose vectors and partitions these are.</param>
    /// <exception cref="SqliteException">It cannot be opened, or is damaged: see <see cref="SqliteFile.IsDamage"/>.</exception>
    /// <exception cref="UnknownLayoutException">Another version wrote it.</exception>
    public QuestionFile(string path, string models, int dimensions) : base(FileLayout.Open(path))
    {
        _models = models;
        _dimensions = dimensions;
        _upsert = Prepare(
            "INSERT OR REPLACE INTO questions(partition, fingerprint, usable_until, embedder, text, vector, source) VALUES($p, $f, $u, $e, $t, $v, $s)",
            ("$p", SqliteType.Blob), ("$f", SqliteType.Blob), ("$u", SqliteType.Integer), ("$e", SqliteType.Text), ("$t", SqliteType.Text), ("$v", SqliteType.Blob), ("$s", SqliteType.Blob));
        _replace = Prepare(
            "UPDATE OR IGNORE questions SET partition = $p, embedder = $e, vector = $v WHERE id = $id",
            ("$p", SqliteType.Blob), ("$e", SqliteType.Text), ("$v", SqliteType.Blob), ("$id", SqliteType.Integer));
        _deleteRow = Prepare("DELETE FROM questions WHERE id = $id", ("$id", SqliteType.Integer));
        _delete = Prepare("DELETE FROM questions WHERE partition = $p AND fingerprint = $f", ("$p", SqliteType.Blob), ("$f", SqliteType.Blob));
        _deleteAnywhere = Prepare("DELETE FROM questions WHERE fingerprint = $f", ("$f", SqliteType.Blob));
    }

    private static SqliteLayout FileLayout { get; } = new(LayoutVersion, Layout)
    {
        Steps = new Dictionary<int, string> { [1] = "ALTER TABLE questions ADD COLUMN source BLOB" },
    };

    /// <summary>Deletes what can never be read again: what is past its use, and other models' rows that do not say where they come from.</summary>
    public void Sweep(DateTimeOffset now)
    {
        using SqliteCommand command = Prepare(
            "DELETE FROM questions WHERE (embedder <> $e AND source IS NULL) OR usable_until <= $now", ("$e", SqliteType.Text), ("$now", SqliteType.Integer));
        command.Parameters[0].Value = _models;
        command.Parameters[1].Value = now.ToUnixTimeMilliseconds();
        command.ExecuteNonQuery();
    }

    /// <summary>Rows whose vectors are another model's.</summary>
    public long CountStale()
    {
        using SqliteCommand command = Prepare("SELECT count(*) FROM questions WHERE embedder <> $e", ("$e", SqliteType.Text));
        command.Parameters[0].Value = _models;
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>The next of them, oldest first. A row that cannot be read comes without a text.</summary>
    /// <param name="after">The last id that was read before.</param>
    public List<StaleQuestion> ReadStale(long after, int count)
    {
        using SqliteCommand command = Prepare(
            "SELECT id, source, fingerprint, usable_until, text, embedder, vector FROM questions WHERE embedder <> $e AND id > $after ORDER BY id LIMIT $n",
            ("$e", SqliteType.Text), ("$after", SqliteType.Integer), ("$n", SqliteType.Integer));
        command.Parameters[0].Value = _models;
        command.Parameters[1].Value = after;
        command.Parameters[2].Value = count;
        using SqliteDataReader row = command.ExecuteReader();
        var stale = new List<StaleQuestion>(count);
        while (row.Read())
        {
            stale.Add(row.GetValue(1) is byte[] { Length: Fingerprint256.SizeBytes } source && row.GetValue(2) is byte[] { Length: Fingerprint256.SizeBytes } fingerprint
                ? new StaleQuestion(
                    row.GetInt64(0), new(source), new(fingerprint), row.GetString(4), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)), row.GetString(5),
                    row.GetValue(6) is byte[] vector && vector.Length == _dimensions * 2 ? ToSingle(vector) : null)
                : new StaleQuestion(row.GetInt64(0), default, default, "", default, "", null));
        }

        return stale;
    }

    /// <summary>Gives a stale row its new partition and vector. Where it was deleted since, or its question was stored anew, the row goes.</summary>
    /// <returns>False when the row went.</returns>
    public bool Replace(long id, Fingerprint256 partition, ReadOnlySpan<float> vector)
    {
        _replace.Parameters[0].Value = partition.ToByteArray();
        _replace.Parameters[1].Value = _models;
        _replace.Parameters[2].Value = ToHalf(vector);
        _replace.Parameters[3].Value = id;
        if (_replace.ExecuteNonQuery() == 1)
        {
            return true;
        }

        Delete(id);
        return false;
    }

    public void Delete(long id)
    {
        _deleteRow.Parameters[0].Value = id;
        _deleteRow.ExecuteNonQuery();
    }

    /// <summary>All questions, oldest first. A row that cannot be read is passed over.</summary>
    public IEnumerable<StoredQuestion> Read()
    {
        using SqliteCommand command = Prepare("SELECT partition, fingerprint, usable_until, text, vector FROM questions WHERE embedder = $e ORDER BY id", ("$e", SqliteType.Text));
        command.Parameters[0].Value = _models;
        using SqliteDataReader row = command.ExecuteReader();
        while (row.Read())
        {
            if (row.GetValue(0) is byte[] { Length: Fingerprint256.SizeBytes } partition
                && row.GetValue(1) is byte[] { Length: Fingerprint256.SizeBytes } fingerprint
                && row.GetValue(4) is byte[] vector && vector.Length == _dimensions * 2)
            {
                DateTimeOffset usableUntil = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2));
                yield return new StoredQuestion(new IndexedQuestion(new(partition), new(fingerprint), row.GetString(3), usableUntil), ToSingle(vector));
            }
        }
    }

    public void Upsert(IndexedQuestion question, ReadOnlySpan<float> vector)
    {
        _upsert.Parameters[0].Value = question.Partition.ToByteArray();
        _upsert.Parameters[1].Value = question.Fingerprint.ToByteArray();
        _upsert.Parameters[2].Value = question.UsableUntil.ToUnixTimeMilliseconds();
        _upsert.Parameters[3].Value = _models;
        _upsert.Parameters[4].Value = question.Text;
        _upsert.Parameters[5].Value = ToHalf(vector);
        _upsert.Parameters[6].Value = question.Source is { } source ? source.ToByteArray() : DBNull.Value;
        _upsert.ExecuteNonQuery();
    }

    public void Delete(Fingerprint256 partition, Fingerprint256 fingerprint)
    {
        _delete.Parameters[0].Value = partition.ToByteArray();
        _delete.Parameters[1].Value = fingerprint.ToByteArray();
        _delete.ExecuteNonQuery();
    }

    /// <summary>Deletes it from whatever partition it is in.</summary>
    public void Delete(Fingerprint256 fingerprint)
    {
        _deleteAnywhere.Parameters[0].Value = fingerprint.ToByteArray();
        _deleteAnywhere.ExecuteNonQuery();
    }

    protected override void Dispose(bool disposing)
    {
        foreach (SqliteCommand command in new[] { _deleteRow, _replace, _deleteAnywhere, _upsert, _delete })
        {
            command.Dispose();
        }

        base.Dispose(disposing);
    }

    private static float[] ToSingle(byte[] halves)
    {
        float[] components = new float[halves.Length / 2];
        TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(halves), components);
        return components;
    }

    private static byte[] ToHalf(ReadOnlySpan<float> vector)
    {
        byte[] halves = new byte[vector.Length * 2];
        TensorPrimitives.ConvertToHalf(vector, MemoryMarshal.Cast<byte, Half>(halves.AsSpan()));
        return halves;
    }

    private SqliteCommand Prepare(string sql, params ReadOnlySpan<(string Name, SqliteType Type)> parameters)
    {
        SqliteCommand command = Connection.CreateCommand();
        command.CommandText = sql;
        foreach ((string name, SqliteType type) in parameters)
        {
            command.Parameters.Add(name, type);
        }

        return command;
    }
}
