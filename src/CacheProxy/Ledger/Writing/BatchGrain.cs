using CacheProxy.Ledger.Files;

namespace CacheProxy.Ledger.Writing;

/// <summary>How finely a batch keeps its sums apart. Coarser where it has to wait for long: minutes become hours, hours days, and then the names go.</summary>
internal enum BatchGrain
{
    Minute,
    Hour,
    Day,

    /// <summary>By the day, without the names that clients and settings give.</summary>
    Nameless,
}

internal static class BatchGrains
{
    /// <summary>Where a row of that minute and cell is counted.</summary>
    public static (long Minute, CellKey Cell) Of(this BatchGrain grain, long minute, in CellKey cell) => grain switch
    {
        BatchGrain.Minute => (minute, cell),
        BatchGrain.Hour => (RollupLevels.Floor(RollupLevel.Hour, minute), cell),
        BatchGrain.Day => (RollupLevels.Floor(RollupLevel.Day, minute), cell),
        _ => (RollupLevels.Floor(RollupLevel.Day, minute), cell.WithoutNames),
    };
}
