using System.Globalization;
using CacheProxy.Exchange;
using CacheProxy.Storage;
using Microsoft.Data.Sqlite;

namespace CacheProxy.SemanticCache.Truth;

/// <summary>The rows of <c>observations.db</c>. One connection, one caller at a time.</summary>
public sealed class ObservationFile : IDisposable
{
    public const int LayoutVersion = 1;

    // time: Unix milliseconds. outcome, source: the enum's number, which therefore never changes its meaning.
    private const string Layout = """
        CREATE TABLE IF NOT EXISTS observations(
            id INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,
            policy TEXT NOT NULL,
            tenant TEXT NOT NULL,
            model TEXT NOT NULL,
            route TEXT NOT NULL,
            namespace TEXT NOT NULL,
            partition BLOB NOT NULL,
            entry BLOB NOT NULL,
            probability REAL NOT NULL,
            cosine REAL NOT NULL,
            logit REAL,
            served INTEGER NOT NULL,
            would_serve INTEGER NOT NULL,
            outcome INTEGER NOT NULL,
            source INTEGER NOT NULL,
            entry_age INTEGER NOT NULL);
        CREATE INDEX IF NOT EXISTS observations_by_time ON observations(time);
        """;

    private const string Columns =
        "time, policy, tenant, model, route, namespace, partition, entry, probability, cosine, logit, served, would_serve, outcome, source, entry_age";

    private readonly SqliteConnection _connection;

    private ObservationFile(SqliteConnection connection) => _connection = connection;

    /// <exception cref="SqliteException">It cannot be opened, or is damaged: see <see cref="SqliteFile.IsDamage"/>.</exception>
    /// <exception cref="InvalidDataException">It has an unknown layout version.</exception>
    public static ObservationFile Open(string path)
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
            return new ObservationFile(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens it beside its writer.</summary>
    public static ObservationFile OpenForReading(string path) => new(SqliteFile.OpenForReading(path));

    /// <summary>Adds them in one transaction.</summary>
    public void Add(IReadOnlyCollection<Observation> observations)
    {
        using SqliteTransaction transaction = _connection.BeginTransaction();
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = $"INSERT INTO observations({Columns}) VALUES($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
        SqliteParameter[] parameters = [.. Enumerable.Range(0, 16).Select(i => command.Parameters.AddWithValue("$" + i.ToString(CultureInfo.InvariantCulture), DBNull.Value))];
        foreach (Observation observation in observations)
        {
            object[] values = ValuesOf(observation);
            for (int i = 0; i < values.Length; i++)
            {
                parameters[i].Value = values[i];
            }

            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    /// <summary>Deletes what is older than <paramref name="oldest"/>, and the oldest of what is more than <paramref name="most"/>.</summary>
    public void Trim(DateTimeOffset oldest, int most)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = """
            DELETE FROM observations WHERE time < $oldest;
            DELETE FROM observations WHERE id <= (SELECT MAX(id) FROM observations) - $most;
            """;
        command.Parameters.AddWithValue("$oldest", oldest.ToUnixTimeMilliseconds());
        command.Parameters.AddWithValue("$most", most);
        command.ExecuteNonQuery();
    }

    /// <summary>Oldest first.</summary>
    public IEnumerable<Observation> Read(ObservationFilter filter)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = $"SELECT {Columns} FROM observations WHERE time >= $since ORDER BY id";
        command.Parameters.AddWithValue("$since", filter.Since?.ToUnixTimeMilliseconds() ?? 0);
        using SqliteDataReader row = command.ExecuteReader();
        while (row.Read())
        {
            if (RowOf(row) is { } observation && filter.Matches(observation))
            {
                yield return observation;
            }
        }
    }

    public void Dispose() => _connection.Dispose();

    private static object[] ValuesOf(Observation observation) =>
    [
        observation.Time.ToUnixTimeMilliseconds(), observation.Policy, observation.Tenant, observation.Model, observation.Route, observation.Namespace,
        observation.Partition.ToByteArray(), observation.Entry.ToByteArray(), observation.Probability, (double)observation.Cosine,
        float.IsNaN(observation.Logit) ? DBNull.Value : (double)observation.Logit, observation.Served, observation.WouldServe,
        (int)observation.Outcome, (int)observation.Source, observation.EntryAgeSeconds,
    ];

    // Null: a row that is not as this class writes it.
    private static Observation? RowOf(SqliteDataReader row)
        => row.GetValue(6) is byte[] { Length: Fingerprint256.SizeBytes } partition && row.GetValue(7) is byte[] { Length: Fingerprint256.SizeBytes } entry
            ? new Observation
            {
                Time = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0)),
                Policy = row.GetString(1),
                Tenant = row.GetString(2),
                Model = row.GetString(3),
                Route = row.GetString(4),
                Namespace = row.GetString(5),
                Partition = new Fingerprint256(partition),
                Entry = new Fingerprint256(entry),
                Probability = row.GetDouble(8),
                Cosine = row.GetFloat(9),
                Logit = row.IsDBNull(10) ? float.NaN : row.GetFloat(10),
                Served = row.GetBoolean(11),
                WouldServe = row.GetBoolean(12),
                Outcome = (ObservationOutcome)row.GetInt32(13),
                Source = (ObservationSource)row.GetInt32(14),
                EntryAgeSeconds = row.GetInt64(15),
            }
            : null;
}
