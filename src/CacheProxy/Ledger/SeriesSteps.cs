namespace CacheProxy.Ledger;

/// <summary>
/// Cuts a range into steps. Steps of whole days begin at midnight of the zone, so that one has 23 or 25 hours where its clocks change; all others
/// begin at whole multiples since 1970, UTC.
/// </summary>
internal static class SeriesSteps
{
    // A chart has fewer pixels; a mistyped step must not fill the memory.
    private const int MostSteps = 50_000;

    /// <returns>The first step begins at or before <paramref name="from"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The step is under a minute, or there would be more than 50,000.</exception>
    public static IEnumerable<(DateTimeOffset Start, DateTimeOffset End)> Of(DateTimeOffset from, DateTimeOffset to, TimeSpan step, TimeZoneInfo zone)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, TimeSpan.FromMinutes(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((to - from) / step, MostSteps);
        return step.Ticks % TimeSpan.TicksPerDay == 0 ? Days(from, to, (int)step.TotalDays, zone) : Even(from, to, step);
    }

    private static IEnumerable<(DateTimeOffset, DateTimeOffset)> Even(DateTimeOffset from, DateTimeOffset to, TimeSpan step)
    {
        long since = (from - DateTimeOffset.UnixEpoch).Ticks;
        DateTimeOffset start = DateTimeOffset.UnixEpoch.AddTicks(since - (((since % step.Ticks) + step.Ticks) % step.Ticks));
        for (; start < to; start += step)
        {
            yield return (start, start + step);
        }
    }

    private static IEnumerable<(DateTimeOffset, DateTimeOffset)> Days(DateTimeOffset from, DateTimeOffset to, int days, TimeZoneInfo zone)
    {
        DateTime day = TimeZoneInfo.ConvertTime(from, zone).Date;
        // Weeks and other multiples begin at the same days whatever the range.
        day = day.AddDays(-(((day - DateTime.UnixEpoch).Days % days + days) % days));
        for (DateTimeOffset start = Midnight(day, zone); start < to;)
        {
            day = day.AddDays(days);
            DateTimeOffset end = Midnight(day, zone);
            yield return (start, end);
            start = end;
        }
    }

    // Where clocks are put forward at midnight the day begins with the first time that exists; where they are put back, with the first of both.
    private static DateTimeOffset Midnight(DateTime day, TimeZoneInfo zone)
    {
        DateTime local = DateTime.SpecifyKind(day, DateTimeKind.Unspecified);
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(15);
        }

        TimeSpan offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }
}
