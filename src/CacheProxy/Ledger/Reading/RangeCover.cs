using CacheProxy.Ledger.Files;

namespace CacheProxy.Ledger.Reading;

/// <summary>
/// Cuts a range into the longest periods that sums are kept for: whole days, hours to both sides of them, minutes to both sides of those, and
/// single rows within the first and last minute. Where the short periods are not kept any more the ends are widened to those that are.
/// </summary>
internal static class RangeCover
{
    private const long Minute = 60_000;

    public static List<RangePiece> Of(DateTimeOffset from, DateTimeOffset to, in Marks marks)
    {
        var pieces = new List<RangePiece>();
        long first = Widen(CeilingMilliseconds(from), marks, up: false), end = Widen(CeilingMilliseconds(to), marks, up: true);
        Add(pieces, null, first, end);
        return pieces;
    }

    /// <summary>For sums step by step: none of the pieces' periods is in two steps.</summary>
    public static List<RangePiece> Of(DateTimeOffset from, DateTimeOffset to, IReadOnlyList<(DateTimeOffset Start, DateTimeOffset End)> steps, in Marks marks)
    {
        long first = Widen(CeilingMilliseconds(from), marks, up: false), end = Widen(CeilingMilliseconds(to), marks, up: true);
        RollupLevel level = RollupLevels.All.Last(level => steps.All(step => IsWhole(step.Start.ToUnixTimeMilliseconds(), level) && IsWhole(step.End.ToUnixTimeMilliseconds(), level)));
        var pieces = new List<RangePiece>();
        (long inner, long innerEnd) = (Up(first, level), Down(end, level));
        if (inner >= innerEnd)
        {
            Add(pieces, null, first, end);
            return pieces;
        }

        Add(pieces, null, first, inner);
        AddLevel(pieces, level, inner, innerEnd, marks);
        Add(pieces, null, innerEnd, end);
        return pieces;
    }

    // What is older than the sums of that level comes from those above it.
    private static void AddLevel(List<RangePiece> pieces, RollupLevel level, long from, long to, in Marks marks)
    {
        if (from >= to)
        {
            return;
        }

        long kept = marks.FromOf(level) * Minute;
        if (level < RollupLevel.Day && from < kept)
        {
            long whole = Math.Min(to, Up(kept, level + 1));
            AddLevel(pieces, level + 1, Down(from, level + 1), whole, marks);
            from = whole;
        }

        if (from < to)
        {
            pieces.Add(new RangePiece(level, from, to));
        }
    }

    private static void Add(List<RangePiece> pieces, RollupLevel? finer, long from, long to)
    {
        if (from >= to)
        {
            return;
        }

        RollupLevel level = finer is { } below ? below + 1 : RollupLevel.Minute;
        (long inner, long innerEnd) = finer == RollupLevel.Day ? (to, to) : (Up(from, level), Down(to, level));
        if (inner >= innerEnd)
        {
            pieces.Add(new RangePiece(finer, from, to));
            return;
        }

        AddPiece(from, inner);
        Add(pieces, level, inner, innerEnd);
        AddPiece(innerEnd, to);

        void AddPiece(long start, long end)
        {
            if (start < end)
            {
                pieces.Add(new RangePiece(finer, start, end));
            }
        }
    }

    private static long Widen(long time, in Marks marks, bool up)
    {
        if (time < marks.Rows)
        {
            time = Align(time, RollupLevel.Minute, up);
        }

        if (time < marks.Minutes * Minute)
        {
            time = Align(time, RollupLevel.Hour, up);
        }

        return time < marks.Hours * Minute ? Align(time, RollupLevel.Day, up) : time;
    }

    private static long Align(long time, RollupLevel level, bool up) => up ? Up(time, level) : Down(time, level);

    // Rows are kept to the millisecond: a range that begins within one begins behind it.
    private static long CeilingMilliseconds(DateTimeOffset time)
    {
        long milliseconds = time.ToUnixTimeMilliseconds();
        return Math.Max(0, milliseconds + (DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) < time ? 1 : 0));
    }

    private static bool IsWhole(long time, RollupLevel level) => time % LengthOf(level) == 0;

    private static long Down(long time, RollupLevel level) => time - (time % LengthOf(level));

    private static long Up(long time, RollupLevel level) => Down(time + LengthOf(level) - 1, level);

    private static long LengthOf(RollupLevel level) => RollupLevels.MinutesOf(level) * Minute;
}
