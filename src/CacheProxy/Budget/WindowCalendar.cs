namespace CacheProxy.Budget;

/// <summary>
/// Cuts time into a budget's windows. They follow one another without gap or overlap, also where clocks change: a day then has 23 or 25 hours,
/// a midnight that does not exist is the moment of the change, of one that comes twice the first counts.
/// </summary>
public sealed class WindowCalendar
{
    private readonly BudgetWindow _window;
    private readonly TimeZoneInfo _zone;
    private readonly long _ticks;
    private readonly long _shift;
    private volatile Cut? _last;

    public WindowCalendar(BudgetWindow window, TimeZoneInfo zone)
    {
        _window = window;
        _zone = zone;
        if (window == BudgetWindow.Hour)
        {
            // By the standard offset all year: hours that were moved by half of one, as Lord Howe's are, would overlap.
            _ticks = TimeSpan.TicksPerHour;
            _shift = zone.BaseUtcOffset.Ticks;
        }
    }

    public WindowCalendar(TimeSpan length)
    {
        _zone = TimeZoneInfo.Utc;
        _ticks = length.Ticks;
        _shift = -DateTime.UnixEpoch.Ticks;
    }

    /// <summary>The window that holds the moment.</summary>
    public WindowSpan At(DateTimeOffset now)
    {
        Cut? last = _last;
        if (last is null || !last.Span.Contains(now))
        {
            _last = last = new Cut(_ticks > 0 ? FixedAt(now) : CalendarAt(now));
        }

        return last.Span;
    }

    private WindowSpan FixedAt(DateTimeOffset now)
    {
        long start = now.UtcTicks - Modulo(now.UtcTicks + _shift, _ticks);
        return new WindowSpan(new DateTimeOffset(start, TimeSpan.Zero), new DateTimeOffset(start + _ticks, TimeSpan.Zero));
    }

    private WindowSpan CalendarAt(DateTimeOffset now)
    {
        DateOnly first = FirstOf(DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, _zone).DateTime));
        var span = new WindowSpan(MidnightOf(first), MidnightOf(Next(first)));
        // Clocks set back over midnight show the day before again; the day that had begun goes on.
        while (now >= span.End)
        {
            first = Next(first);
            span = new WindowSpan(span.End, MidnightOf(Next(first)));
        }

        return span;
    }

    private DateOnly FirstOf(DateOnly day) => _window switch
    {
        BudgetWindow.Week => day.AddDays(-(((int)day.DayOfWeek + 6) % 7)),
        BudgetWindow.Month => new DateOnly(day.Year, day.Month, 1),
        _ => day,
    };

    private DateOnly Next(DateOnly first) => _window switch
    {
        BudgetWindow.Week => first.AddDays(7),
        BudgetWindow.Month => first.AddMonths(1),
        _ => first.AddDays(1),
    };

    private DateTimeOffset MidnightOf(DateOnly day)
    {
        DateTime local = day.ToDateTime(TimeOnly.MinValue);
        while (_zone.IsInvalidTime(local))
        {
            // Rare: the clocks jump over it. A minute at a time, because changes come at any.
            local = local.AddMinutes(1);
        }

        TimeSpan offset = _zone.IsAmbiguousTime(local) ? _zone.GetAmbiguousTimeOffsets(local).Max() : _zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }

    private static long Modulo(long value, long divisor) => ((value % divisor) + divisor) % divisor;

    private sealed record Cut(WindowSpan Span);
}
