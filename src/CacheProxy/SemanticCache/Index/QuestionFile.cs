using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using CacheProxy.Exchange;
using CacheProxy.Storage;
using Microsoft.Data.Sqlite;

namespace CacheProxy.SemanticCache.Index;

/// <summary>
/// Questions and vectors in one SQLite file, so that semantic hits survive a restart. One connection, one caller at a time, no caching of its
/// own. Rows of another embedder are deleted on opening: nothing could ever read them.
/// </summary>
public sealed class QuestionFile : IDisposable
{
    public const int LayoutVersion = 1;

    // vector: half-precision floats, little-endian. The order of row ids is the order of insertion.
    private const string Layout = """
        CREATE TABLE IF NOT EXISTS questions(
            id INTEGER PRIMARY KEY,
            partition BLOB NOT NULL,
            fingerprint BLOB NOT NULL,
            usable_until INTEGER NOT NULL,
            embedder TEXT NOT NULL,
            text TEXT NOT NULL,
            vector BLOB NOT NULL,
            UNIQUE(partition, fingerprint));
        CREATE INDEX IF NOT EXISTS questions_by_fingerprint ON questions(fingerprint);
        """;

    private readonly SqliteConnection _connection;
    private readonly string _embedder;
    private readonly int _dimensions;
    private readonly SqliteCommand _upsert;
    private readonly SqliteCommand _delete;
    private readonly SqliteCommand _deleteAnywhere;

    private QuestionFile(SqliteConnection connection, string embedder, int dimensions)
    {
        _connection = connection;
        _embedder = embedder;
        _dimensions = dimensions;
        _upsert = Prepare(
            "INSERT OR REPLACE INTO questions(partition, fingerprint, usable_until, embedder, text, vector) VALUES($p, $f, $u, $e, $t, $v)",
            ("$p", SqliteType.Blob), ("$f", SqliteType.Blob), ("$u", SqliteType.Integer), ("$e", SqliteType.Text), ("$t", SqliteType.Text), ("$v", SqliteType.Blob));
        _delete = Prepare("DELETE FROM questions WHERE partition = $p AND fingerprint = $f", ("$p", SqliteType.Blob), ("$f", SqliteType.Blob));
        _deleteAnywhere = Prepare("DELETE FROM questions WHERE fingerprint = $f", ("$f", SqliteType.Blob));
    }

    /// <param name="path">Its folder is made when it is missing; folder and file are readable by their owner only.</param>
    /// <param name="embedder">Whose vectors these are.</param>
    /// <exception cref="SqliteException">It cannot be opened, or is damaged: see <see cref="SqliteFile.IsDamage"/>.</exception>
    /// <exception cref="InvalidDataException">It has an unknown layout version.</exception>
    public static QuestionFile Open(string path, string embedder, int dimensions)
    {
        SqliteConnection connection = SqliteFile.OpenForWriting(path);
        try
        {
            long version = SqliteFile.VersionOf(connection);
            if (version is not (0 or LayoutVersion))
            {
                throw new InvalidDataException($"Layout version {version} of {path} is not known here.");
            }

            SqliteFile.Lay(connection, Layout, LayoutVersion);
            return new QuestionFile(connection, embedder, dimensions);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Deletes what can never be read again: other embedders' rows and those past their use.</summary>
    public void Sweep(DateTimeOffset now)
    {
        using SqliteCommand command = Prepare(
            "DELETE FROM questions WHERE embedder <> $e OR usable_until <= $now", ("$e", SqliteType.Text), ("$now", SqliteType.Integer));
        command.Parameters[0].Value = _embedder;
        command.Parameters[1].Value = now.ToUnixTimeMilliseconds();
        command.ExecuteNonQuery();
    }

    /// <summary>All questions, oldest first. A row that cannot be read is passed over.</summary>
    public IEnumerable<StoredQuestion> Read()
    {
        using SqliteCommand command = Prepare("SELECT partition, fingerprint, usable_until, text, vector FROM questions WHERE embedder = $e ORDER BY id", ("$e", SqliteType.Text));
        command.Parameters[0].Value = _embedder;
        using SqliteDataReader row = command.ExecuteReader();
        while (row.Read())
        {
            if (row.GetValue(0) is byte[] { Length: Fingerprint256.SizeBytes } partition
                && row.GetValue(1) is byte[] { Length: Fingerprint256.SizeBytes } fingerprint
                && row.GetValue(4) is byte[] vector && vector.Length == _dimensions * 2)
            {
                float[] components = new float[_dimensions];
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(vector), components);
                DateTimeOffset usableUntil = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2));
                yield return new StoredQuestion(new IndexedQuestion(new(partition), new(fingerprint), row.GetString(3), usableUntil), components);
            }
        }
    }

    /// <summary>Runs the writes in one transaction.</summary>
    public void Write(Action<QuestionFile> writes)
    {
        SqliteFile.Execute(_connection, "BEGIN IMMEDIATE");
        try
        {
            writes(this);
            SqliteFile.Execute(_connection, "COMMIT");
        }
        catch
        {
            TryRollBack();
            throw;
        }
    }

    public void Upsert(IndexedQuestion question, ReadOnlySpan<float> vector)
    {
        Half[] halves = new Half[vector.Length];
        TensorPrimitives.ConvertToHalf(vector, halves);
        _upsert.Parameters[0].Value = question.Partition.ToByteArray();
        _upsert.Parameters[1].Value = question.Fingerprint.ToByteArray();
        _upsert.Parameters[2].Value = question.UsableUntil.ToUnixTimeMilliseconds();
        _upsert.Parameters[3].Value = _embedder;
        _upsert.Parameters[4].Value = question.Text;
        _upsert.Parameters[5].Value = MemoryMarshal.AsBytes(halves.AsSpan()).ToArray();
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

    public void Dispose()
    {
        _deleteAnywhere.Dispose();
        _upsert.Dispose();
        _delete.Dispose();
        _connection.Dispose();
    }

    private void TryRollBack()
    {
        try
        {
            SqliteFile.Execute(_connection, "ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has rolled back already for the errors that end a transaction by themselves.
        }
    }

    private SqliteCommand Prepare(string sql, params ReadOnlySpan<(string Name, SqliteType Type)> parameters)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach ((string name, SqliteType type) in parameters)
        {
            command.Parameters.Add(name, type);
        }

        return command;
    }
}
