namespace CacheProxy.Ledger.Files;

/// <summary>How long the periods are that sums are kept for. Each is kept by several <see cref="RollupCut"/>s.</summary>
internal enum RollupLevel
{
    Minute,
    Hour,
    Day,
}

internal static class RollupLevels
{
    public static readonly RollupLevel[] All = Enum.GetValues<RollupLevel>();

    /// <summary>Its number in the file.</summary>
    public static int NumberOf(RollupLevel level, RollupCut cut) => (int)level + ((int)cut * All.Length);

    public static int MinutesOf(RollupLevel level) => level switch
    {
        RollupLevel.Minute => 1,
        RollupLevel.Hour => 60,
        _ => 24 * 60,
    };

    /// <summary>The period's first minute.</summary>
    public static long Floor(RollupLevel level, long minute) => minute - (minute % MinutesOf(level));

    /// <summary>Whole minutes since 1970; a time before that, which only a wrong clock has, is the first.</summary>
    public static long MinuteOf(DateTimeOffset time) => Math.Max(0, time.ToUnixTimeSeconds() / 60);

    public static DateTimeOffset TimeOf(long minute) => DateTimeOffset.FromUnixTimeSeconds(minute * 60);
}
