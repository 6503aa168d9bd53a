using System.Globalization;
using CacheProxy.Exchange;
using CacheProxy.Storage;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Ledger.Findings;

/// <summary>The sums of <c>findings.db</c>, by UTC day.</summary>
public sealed class FindingsFile : FileTables
{
    public const string FileName = "findings.db";
    private const int LayoutVersion = 1;

    // Pairs come without end; those that came once and long ago leave first.
    private const int MostPairs = 20_000;

    // day: days since 1970. class: the enum's number, which therefore never changes its meaning.
    private const string Layout = """
        CREATE TABLE IF NOT EXISTS prefixes(
            day INTEGER NOT NULL, tenant TEXT NOT NULL, scope TEXT NOT NULL, model TEXT NOT NULL, route TEXT NOT NULL, class INTEGER NOT NULL, place INTEGER NOT NULL,
            prompts INTEGER NOT NULL, tokens INTEGER NOT NULL, nanodollars INTEGER NOT NULL, unpriced INTEGER NOT NULL, seconds REAL NOT NULL,
            request BLOB, example TEXT, example_start INTEGER, example_length INTEGER,
            PRIMARY KEY(day, scope, model, route, class, place)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS near_misses(
            day INTEGER NOT NULL, tenant TEXT NOT NULL, scope TEXT NOT NULL, model TEXT NOT NULL, route TEXT NOT NULL, asked BLOB NOT NULL, stored BLOB NOT NULL,
            count INTEGER NOT NULL, similarity REAL NOT NULL, probability REAL, threshold REAL, reason TEXT NOT NULL, guard TEXT, asked_text TEXT, stored_text TEXT,
            PRIMARY KEY(day, asked, stored)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS expired(
            day INTEGER NOT NULL, tenant TEXT NOT NULL, scope TEXT NOT NULL, model TEXT NOT NULL, route TEXT NOT NULL, ttl INTEGER NOT NULL, age INTEGER NOT NULL,
            same INTEGER NOT NULL, different INTEGER NOT NULL, nanodollars INTEGER NOT NULL, unpriced INTEGER NOT NULL, seconds REAL NOT NULL,
            PRIMARY KEY(day, scope, model, route, ttl, age)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS misses(
            day INTEGER NOT NULL, tenant TEXT NOT NULL, scope TEXT NOT NULL, model TEXT NOT NULL, route TEXT NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY(day, scope, model, route, kind, reason)) WITHOUT ROWID;
        """;

    private const string AddPrefix = """
        INSERT INTO prefixes VALUES($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        ON CONFLICT DO UPDATE SET prompts = prompts + excluded.prompts, tokens = tokens + excluded.tokens, nanodollars = nanodollars + excluded.nanodollars,
            unpriced = unpriced + excluded.unpriced, seconds = seconds + excluded.seconds, request = excluded.request, example = excluded.example,
            example_start = excluded.example_start, example_length = excluded.example_length
        """;

    private const string AddPair = """
        INSERT INTO near_misses VALUES($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        ON CONFLICT DO UPDATE SET count = count + excluded.count, similarity = excluded.similarity, probability = excluded.probability, threshold = excluded.threshold,
            reason = excluded.reason, guard = excluded.guard, asked_text = excluded.asked_text, stored_text = excluded.stored_text
        """;

    private const string AddExpired = """
        INSERT INTO expired VALUES($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT DO UPDATE SET same = same + excluded.same, different = different + excluded.different, nanodollars = nanodollars + excluded.nanodollars,
            unpriced = unpriced + excluded.unpriced, seconds = seconds + excluded.seconds
        """;

    private const string AddMiss = "INSERT INTO misses VALUES($0, $1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO UPDATE SET count = count + excluded.count";

    /// <exception cref="SqliteException">It cannot be opened, or is damaged: see <see cref="SqliteFile.IsDamage"/>.</exception>
    /// <exception cref="UnknownLayoutException">Another version wrote it.</exception>
    public FindingsFile(string path) : base(new SqliteLayout(LayoutVersion, Layout).Open(path))
    {
    }

    internal void Add(FindingsBatch batch)
    {
        Run(AddPrefix, batch.Prefixes.Select(pair => Values(pair.Key.Item1, pair.Value.Sum, pair.Value.Request)));
        Run(AddPair, batch.NearMisses.Select(pair => Values(pair.Key.Item1, pair.Value)));
        Run(AddExpired, batch.Expired.Select(pair => Values(pair.Key.Item1, pair.Value)));
        Run(AddMiss, batch.Misses.Select(pair => new object?[]
        {
            Day(pair.Key.Item1), pair.Key.Item2.Tenant, pair.Key.Item2.ScopeId, pair.Key.Item2.Model, pair.Key.Item2.Route, pair.Key.Item3, pair.Key.Item4, pair.Value,
        }));
    }

    /// <summary>Takes the texts of requests away that led to these entries, or to a pair with one of them.</summary>
    public void ForgetTexts(IReadOnlyCollection<Fingerprint256> fingerprints)
    {
        Run("UPDATE prefixes SET example = NULL, example_start = NULL, example_length = NULL WHERE request = $0", fingerprints.Select(one => new object?[] { one.ToByteArray() }));
        Run("UPDATE near_misses SET asked_text = NULL, stored_text = NULL WHERE asked = $0 OR stored = $0", fingerprints.Select(one => new object?[] { one.ToByteArray() }));
    }

    /// <summary>Takes all texts away that a purge may mean.</summary>
    /// <param name="scopeId">Null: of every scope.</param>
    /// <param name="model">Null: of every model.</param>
    public void ForgetTexts(string? scopeId, string? model)
    {
        object?[] values = [scopeId, model];
        Run("UPDATE prefixes SET example = NULL, example_start = NULL, example_length = NULL WHERE ($0 IS NULL OR scope = $0) AND ($1 IS NULL OR model = $1)", [values]);
        Run("UPDATE near_misses SET asked_text = NULL, stored_text = NULL WHERE ($0 IS NULL OR scope = $0) AND ($1 IS NULL OR model = $1)", [values]);
    }

    /// <summary>Deletes what is older than a day, and the least of what is too much.</summary>
    public void Trim(DateOnly oldest)
    {
        foreach (string table in (string[])["prefixes", "near_misses", "expired", "misses"])
        {
            Run($"DELETE FROM {table} WHERE day < $0", [[Day(oldest)]]);
        }

        Run("DELETE FROM near_misses WHERE (day, asked, stored) IN (SELECT day, asked, stored FROM near_misses ORDER BY count DESC, day DESC LIMIT -1 OFFSET $0)", [[MostPairs]]);
    }

    internal static long Day(DateOnly day) => day.DayNumber - new DateOnly(1970, 1, 1).DayNumber;

    private void Run(string sql, IEnumerable<object?[]> rows)
    {
        using SqliteCommand command = Connection.CreateCommand();
        command.CommandText = sql;
        foreach (object?[] row in rows)
        {
            command.Parameters.Clear();
            for (int i = 0; i < row.Length; i++)
            {
                command.Parameters.AddWithValue("$" + i.ToString(CultureInfo.InvariantCulture), row[i] ?? DBNull.Value);
            }

            command.ExecuteNonQuery();
        }
    }

    private static object?[] Values(DateOnly day, VolatilePrefix found, Fingerprint256 request) =>
    [
        Day(day), found.Scope.Tenant, found.Scope.ScopeId, found.Scope.Model, found.Scope.Route, (int)found.Class, found.Place, found.Prompts, found.Tokens, found.Nanodollars,
        found.Unpriced, found.Seconds, request.ToByteArray(), found.Example?.Text, found.Example?.Start, found.Example?.Length,
    ];

    private static object?[] Values(DateOnly day, NearMissPair found) =>
    [
        Day(day), found.Scope.Tenant, found.Scope.ScopeId, found.Scope.Model, found.Scope.Route, found.Asked.ToByteArray(), found.Stored.ToByteArray(), found.Count,
        (double)found.Similarity, found.Probability, found.Threshold, found.Reason, found.Guard, found.AskedText, found.StoredText,
    ];

    private static object?[] Values(DateOnly day, ExpiredAnswers found) =>
    [
        Day(day), found.Scope.Tenant, found.Scope.ScopeId, found.Scope.Model, found.Scope.Route, found.TtlSeconds, found.AgeSeconds, found.Same, found.Different,
        found.Nanodollars, found.Unpriced, found.Seconds,
    ];
}
