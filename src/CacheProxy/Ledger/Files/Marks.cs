using System.Globalization;
using CacheProxy.Storage;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Ledger.Files;

/// <summary>From when on the file has what it keeps; everything where nothing was taken away yet.</summary>
/// <param name="Rows">Unix milliseconds.</param>
/// <param name="Minutes">Minutes since 1970, as the others.</param>
internal readonly record struct Marks(long Rows, long Minutes, long Hours, long Days)
{
    public const string RowsFrom = "rows_from";

    /// <summary>The time that was trimmed for last.</summary>
    public const string Trimmed = "trimmed";

    /// <summary>Null: nothing was yet.</summary>
    public static DateTimeOffset? TrimmedAt(SqliteConnection connection)
        => Of(connection, Trimmed) is var milliseconds and not 0 ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;

    public static string From(RollupLevel level) => $"{level.ToString().ToLowerInvariant()}_from";

    public long FromOf(RollupLevel level) => level switch
    {
        RollupLevel.Minute => Minutes,
        RollupLevel.Hour => Hours,
        _ => Days,
    };

    public static Marks Read(SqliteConnection connection) => new(
        Of(connection, RowsFrom), Of(connection, From(RollupLevel.Minute)), Of(connection, From(RollupLevel.Hour)), Of(connection, From(RollupLevel.Day)));

    private static long Of(SqliteConnection connection, string name)
        => SqliteFile.Scalar(connection, $"SELECT value FROM marks WHERE name = '{name}'") is string text ? long.Parse(text, CultureInfo.InvariantCulture) : 0;
}
