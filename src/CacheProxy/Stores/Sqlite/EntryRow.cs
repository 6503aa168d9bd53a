using CacheProxy.Exchange;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Stores.Sqlite;

/// <summary>
/// What stands in a row beside its value. The value has a checksum, SQLite's pages have none: a row that says anything else than its entry is
/// damaged, and a purge that goes by what it says would miss it.
/// </summary>
internal static class EntryRow
{
    public const string Columns = "usable_until, created, entry_id, scope, namespace, model, user_id, prefix_id";

    /// <param name="first">Index of the first of <see cref="Columns"/>.</param>
    public static bool Fits(SqliteDataReader row, int first, CacheEntry entry)
        => row.GetInt64(first) == entry.UsableUntil.ToUnixTimeMilliseconds()
            && row.GetInt64(first + 1) == entry.CreatedAt.UtcTicks
            && TextAt(row, first + 2) == entry.Id
            && TextAt(row, first + 3) == entry.Scope
            && TextAt(row, first + 4) == entry.Namespace
            && TextAt(row, first + 5) == entry.Model
            && TextAt(row, first + 6) == entry.UserId
            && TextAt(row, first + 7) == entry.PrefixId;

    private static string? TextAt(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
