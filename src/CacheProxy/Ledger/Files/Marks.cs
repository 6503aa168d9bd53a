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

    public static string From(RollupLevel level) => $"{level.ToString().ToLowerInvariant()}_from";

    public long FromOf(RollupLevel level) => level switch
    {
        RollupLevel.Minute => Minutes,
        RollupLevel.Hour => Hours,
        _ => Days,
    };

    public static Marks Read(SqliteConnection connection)
    {
        return new Marks(Of(RowsFrom), Of(From(RollupLevel.Minute)), Of(From(RollupLevel.Hour)), Of(From(RollupLevel.Day)));

        long Of(string name)
            => SqliteFile.Scalar(connection, $"SELECT value FROM marks WHERE name = '{name}'") is string text ? long.Parse(text, CultureInfo.InvariantCulture) : 0;
    }
}
