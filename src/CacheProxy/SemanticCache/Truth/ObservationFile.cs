using System.Globalization;
using CacheProxy.Exchange;
using CacheProxy.Storage;
using Microsoft.Data.Sqlite;

namespace CacheProxy.SemanticCache.Truth;

/// <summary>The rows of <c>observations.db</c>. One connection, one caller at a time.</summary>
public sealed class ObservationFile : FileTables
{
    public const int LayoutVersion = 2;

    // time, updated: Unix milliseconds. outcome, source: the enum's number, which therefore never changes its meaning.
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
            asked BLOB,
            probability REAL NOT NULL,
            cosine REAL NOT NULL,
            logit REAL,
            served INTEGER NOT NULL,
            would_serve INTEGER NOT NULL,
            outcome INTEGER NOT NULL,
            source INTEGER NOT NULL,
            entry_age INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS scopes(
            tenant TEXT NOT NULL,
            model TEXT NOT NULL,
            policy TEXT NOT NULL,
            requests INTEGER NOT NULL,
            served INTEGER NOT NULL,
            rights INTEGER NOT NULL,
            wrongs INTEGER NOT NULL,
            said_wrong INTEGER NOT NULL,
            exact_only_since INTEGER,
            updated INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY(tenant, model, policy)) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS observations_by_time ON observations(time);
        CREATE INDEX IF NOT EXISTS observations_by_entry ON observations(entry);
        CREATE INDEX IF NOT EXISTS observations_by_asked ON observations(asked) WHERE asked IS NOT NULL;
        """;

    private const string Columns =
        "time, policy, tenant, model, route, namespace, partition, entry, asked, probability, cosine, logit, served, would_serve, outcome, source, entry_age";

    // As many as are watched. Clients name models as they like: of what is more, the scopes leave that nothing was served to, then the oldest.
    private const int MostScopes = 4096;

    /// <summary>Opens it for its one writer.</summary>
    /// <exception cref="SqliteException">It cannot be opened, or is damaged: see <see cref="SqliteFile.IsDamage"/>.</exception>
    /// <exception cref="UnknownLayoutException">Another version wrote it.</exception>
    public ObservationFile(string path) : this(FileLayout.Open(path))
    {
    }

    private ObservationFile(SqliteConnection connection) : base(connection)
    {
    }

    private static SqliteLayout FileLayout { get; } = new(LayoutVersion, Layout)
    {
        Steps = new Dictionary<int, string> { [1] = "ALTER TABLE scopes ADD COLUMN updated INTEGER NOT NULL DEFAULT 0" },
    };

    /// <summary>Opens it beside its writer.</summary>
    public static ObservationFile OpenForReading(string path) => new(SqliteFile.OpenForReading(path));

    internal void Write(ObservationBatch batch, DateTimeOffset now)
    {
        Insert(batch.Observations);
        Set(batch.Scopes.Values, now);
        Forget(batch.Gone.SelectMany(entries => entries));
    }

    /// <summary>Adds them in one transaction.</summary>
    public void Add(IReadOnlyCollection<Observation> observations) => Write(() => Insert(observations));

    private void Insert(IReadOnlyCollection<Observation> observations)
    {
        if (observations.Count == 0)
        {
            return;
        }

        using SqliteCommand command = Connection.CreateCommand();
        command.CommandText = $"INSERT INTO observations({Columns}) VALUES($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
        SqliteParameter[] parameters = ParametersOf(command, 17);
        foreach (Observation observation in observations)
        {
            Run(command, parameters, ValuesOf(observation));
        }
    }

    // Puts the scopes' counts in place of those that are there.
    private void Set(IEnumerable<ScopeError> errors, DateTimeOffset now)
    {
        using SqliteCommand command = Connection.CreateCommand();
        command.CommandText = "INSERT OR REPLACE INTO scopes VALUES($0, $1, $2, $3, $4, $5, $6, $7, $8, $9)";
        SqliteParameter[] parameters = ParametersOf(command, 10);
        foreach (ScopeError error in errors)
        {
            object[] values =
            [
                error.Key.Tenant, error.Key.Model, error.Key.Policy, error.Requests, error.Served, error.Right, error.Wrong, error.SaidWrong,
                error.ExactOnlySince is { } since ? since.ToUnixTimeMilliseconds() : DBNull.Value, now.ToUnixTimeMilliseconds(),
            ];
            Run(command, parameters, values);
        }
    }

    // What was observed stays evidence for tuning; it no longer speaks for the entries, nor joins them to others. What spoke against them does.
    private void Forget(IEnumerable<Fingerprint256> entries)
    {
        using SqliteCommand command = Connection.CreateCommand();
        command.CommandText = """
            UPDATE observations SET entry = zeroblob(32), asked = NULL WHERE entry = $0 AND outcome = $1;
            UPDATE observations SET asked = NULL WHERE asked = $0;
            """;
        SqliteParameter[] parameters = ParametersOf(command, 2);
        foreach (Fingerprint256 entry in entries)
        {
            Run(command, parameters, [entry.ToByteArray(), (int)ObservationOutcome.Right]);
        }
    }

    private static SqliteParameter[] ParametersOf(SqliteCommand command, int count)
        => [.. Enumerable.Range(0, count).Select(i => command.Parameters.AddWithValue("$" + i.ToString(CultureInfo.InvariantCulture), DBNull.Value))];

    private static void Run(SqliteCommand command, SqliteParameter[] parameters, object[] values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            parameters[i].Value = values[i];
        }

        command.ExecuteNonQuery();
    }

    public List<ScopeError> ReadScopes()
    {
        using SqliteCommand command = Connection.CreateCommand();
        command.CommandText = "SELECT tenant, model, policy, requests, served, rights, wrongs, said_wrong, exact_only_since FROM scopes";
        using SqliteDataReader row = command.ExecuteReader();
        var scopes = new List<ScopeError>();
        while (row.Read())
        {
            scopes.Add(new ScopeError
            {
                Key = new ScopeKey(row.GetString(0), row.GetString(1), row.GetString(2)),
                Requests = row.GetInt64(3),
                Served = row.GetInt64(4),
                Right = row.GetInt64(5),
                Wrong = row.GetInt64(6),
                SaidWrong = row.GetInt64(7),
                ExactOnlySince = row.IsDBNull(8) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(8)),
            });
        }

        return scopes;
    }

    /// <summary>Deletes what is older than <paramref name="oldest"/>, the oldest of what is more than <paramref name="most"/>, and the scopes beyond those that are watched.</summary>
    public void Trim(DateTimeOffset oldest, int most)
    {
        using SqliteCommand command = Connection.CreateCommand();
        command.CommandText = """
            DELETE FROM observations WHERE time < $oldest;
            DELETE FROM observations WHERE id <= (SELECT MAX(id) FROM observations) - $most;
            DELETE FROM scopes WHERE exact_only_since IS NULL AND updated < $oldest AND updated > 0;
            DELETE FROM scopes WHERE exact_only_since IS NULL AND (tenant, model, policy) IN
                (SELECT tenant, model, policy FROM scopes ORDER BY exact_only_since IS NOT NULL DESC, served > 0 DESC, updated DESC LIMIT -1 OFFSET $scopes);
            """;
        command.Parameters.AddWithValue("$oldest", oldest.ToUnixTimeMilliseconds());
        command.Parameters.AddWithValue("$most", most);
        command.Parameters.AddWithValue("$scopes", MostScopes);
        command.ExecuteNonQuery();
    }

    /// <summary>Oldest first.</summary>
    public IEnumerable<Observation> Read(ObservationFilter filter)
    {
        using SqliteCommand command = Connection.CreateCommand();
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

    private static object[] ValuesOf(Observation observation) =>
    [
        observation.Time.ToUnixTimeMilliseconds(), observation.Policy, observation.Tenant, observation.Model, observation.Route, observation.Namespace,
        observation.Partition.ToByteArray(), observation.Entry.ToByteArray(),
        observation.Asked == default ? DBNull.Value : observation.Asked.ToByteArray(), observation.Probability, (double)observation.Cosine,
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
                Asked = row.GetValue(8) is byte[] { Length: Fingerprint256.SizeBytes } asked ? new Fingerprint256(asked) : default,
                Probability = row.GetDouble(9),
                Cosine = row.GetFloat(10),
                Logit = row.IsDBNull(11) ? float.NaN : row.GetFloat(11),
                Served = row.GetBoolean(12),
                WouldServe = row.GetBoolean(13),
                Outcome = (ObservationOutcome)row.GetInt32(14),
                Source = (ObservationSource)row.GetInt32(15),
                EntryAgeSeconds = row.GetInt64(16),
            }
            : null;
}
