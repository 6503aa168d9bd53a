using CacheProxy.Exchange;
using CacheProxy.Storage;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Ledger.Findings;

/// <summary>Reads what was found, beside the proxy that writes it or without one.</summary>
/// <param name="path">Of <c>findings.db</c>; where it is absent nothing was found.</param>
public sealed class FindingsReader(string path)
{
    private const string Scope = "tenant, scope, model, route";
    private const string Where = "WHERE day BETWEEN $from AND $to AND ($tenant IS NULL OR tenant = $tenant) AND ($model IS NULL OR model = $model)";

    /// <summary>The sums over the days.</summary>
    /// <exception cref="SqliteException">The file is locked or damaged.</exception>
    public FindingsReport Read(FindingsFilter filter)
    {
        if (!File.Exists(path))
        {
            return FindingsReport.Empty;
        }

        using SqliteConnection connection = SqliteFile.OpenForReading(path);
        if (SqliteFile.VersionOf(connection) == 0)
        {
            return FindingsReport.Empty;
        }

        return new FindingsReport(Prefixes(connection, filter), Pairs(connection, filter), Expired(connection, filter), Misses(connection, filter));
    }

    // SQLite takes the other columns from the row with the maximum: the example is the latest.
    private static List<VolatilePrefix> Prefixes(SqliteConnection connection, FindingsFilter filter) => List(connection, filter, $"""
        SELECT {Scope}, class, place, SUM(prompts), SUM(tokens), SUM(nanodollars), SUM(unpriced), SUM(seconds), example, example_start, example_length, MAX(day)
        FROM prefixes {Where} GROUP BY scope, model, route, class, place ORDER BY SUM(tokens) DESC, scope, model, place LIMIT $limit
        """, row => new VolatilePrefix
    {
        Scope = ScopeOf(row),
        Class = (VolatileClass)row.GetInt32(4),
        Place = row.GetInt64(5),
        Prompts = row.GetInt64(6),
        Tokens = row.GetInt64(7),
        Nanodollars = row.GetInt64(8),
        Unpriced = row.GetInt64(9),
        Seconds = row.GetDouble(10),
        Example = row.IsDBNull(11) ? null : new Snippet(row.GetString(11), row.GetInt32(12), row.GetInt32(13)),
    });

    private static List<NearMissPair> Pairs(SqliteConnection connection, FindingsFilter filter) => List(connection, filter, $"""
        SELECT {Scope}, asked, stored, SUM(count), similarity, probability, threshold, reason, guard, asked_text, stored_text, MAX(day)
        FROM near_misses {Where} GROUP BY asked, stored
        ORDER BY SUM(count) * COALESCE(MIN(1, probability / MAX(threshold, 0.01)), similarity) DESC, similarity DESC, asked, stored LIMIT $limit
        """, row => new NearMissPair
    {
        Scope = ScopeOf(row),
        Asked = new Fingerprint256((byte[])row.GetValue(4)),
        Stored = new Fingerprint256((byte[])row.GetValue(5)),
        Count = row.GetInt64(6),
        Similarity = row.GetFloat(7),
        Probability = row.IsDBNull(8) ? null : row.GetDouble(8),
        Threshold = row.IsDBNull(9) ? null : row.GetDouble(9),
        Reason = row.GetString(10),
        Guard = row.IsDBNull(11) ? null : row.GetString(11),
        AskedText = row.IsDBNull(12) ? null : row.GetString(12),
        StoredText = row.IsDBNull(13) ? null : row.GetString(13),
    });

    private static List<ExpiredAnswers> Expired(SqliteConnection connection, FindingsFilter filter) => List(connection, filter, $"""
        SELECT {Scope}, ttl, age, SUM(same), SUM(different), SUM(nanodollars), SUM(unpriced), SUM(seconds)
        FROM expired {Where} GROUP BY scope, model, route, ttl, age ORDER BY SUM(same) DESC, scope, model, route, ttl, age LIMIT $limit
        """, row => new ExpiredAnswers
    {
        Scope = ScopeOf(row),
        TtlSeconds = row.GetInt32(4),
        AgeSeconds = row.GetInt64(5),
        Same = row.GetInt64(6),
        Different = row.GetInt64(7),
        Nanodollars = row.GetInt64(8),
        Unpriced = row.GetInt64(9),
        Seconds = row.GetDouble(10),
    });

    private static List<MissReason> Misses(SqliteConnection connection, FindingsFilter filter) => List(connection, filter, $"""
        SELECT {Scope}, kind, reason, SUM(count) FROM misses {Where} GROUP BY scope, model, route, kind, reason ORDER BY SUM(count) DESC, scope, model, route, kind, reason LIMIT $limit
        """, row => new MissReason(ScopeOf(row), row.GetString(4), row.GetString(5), row.GetInt64(6)));

    private static List<T> List<T>(SqliteConnection connection, FindingsFilter filter, string sql, Func<SqliteDataReader, T> read)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$from", FindingsFile.Day(filter.From));
        command.Parameters.AddWithValue("$to", FindingsFile.Day(filter.To));
        command.Parameters.AddWithValue("$tenant", (object?)filter.Tenant ?? DBNull.Value);
        command.Parameters.AddWithValue("$model", (object?)filter.Model ?? DBNull.Value);
        command.Parameters.AddWithValue("$limit", filter.Limit);
        using SqliteDataReader row = command.ExecuteReader();
        var list = new List<T>();
        while (row.Read())
        {
            list.Add(read(row));
        }

        return list;
    }

    private static FindingScope ScopeOf(SqliteDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3));
}
