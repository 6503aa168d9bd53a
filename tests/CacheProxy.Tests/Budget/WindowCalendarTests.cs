using CacheProxy.Budget;

namespace CacheProxy.Tests.Budget;

public class WindowCalendarTests
{
    // Zones of the test's own: it does not depend on the machine's table of them.
    private static readonly TimeZoneInfo Berlin = Zone("Berlin", hours: 1, start: Change(3, 5, hour: 2), end: Change(10, 5, hour: 3));

    // Clocks change at midnight: one that does not exist, and one that comes twice.
    private static readonly TimeZoneInfo Midnight = Zone("Midnight", hours: -3, start: Change(10, 3, hour: 0), end: Change(2, 3, hour: 0));
    private static readonly TimeZoneInfo AfterMidnight = Zone("AfterMidnight", hours: -5, start: Change(3, 2, hour: 0), end: Change(11, 1, hour: 1));
    private static readonly TimeZoneInfo HalfHour = Zone("HalfHour", hours: 10.5, start: Change(10, 1, hour: 2), end: Change(4, 1, hour: 2), deltaMinutes: 30);

    [Theory]
    [InlineData(BudgetWindow.Hour, "2026-03-10T12:34:56Z", "2026-03-10T12:00:00Z", "2026-03-10T13:00:00Z")]
    [InlineData(BudgetWindow.Day, "2026-03-10T12:34:56Z", "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z")]
    [InlineData(BudgetWindow.Week, "2026-03-15T23:59:59Z", "2026-03-09T00:00:00Z", "2026-03-16T00:00:00Z")]
    [InlineData(BudgetWindow.Week, "2026-03-16T00:00:00Z", "2026-03-16T00:00:00Z", "2026-03-23T00:00:00Z")]
    [InlineData(BudgetWindow.Month, "2024-02-29T23:59:59Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z")]
    [InlineData(BudgetWindow.Month, "2026-12-31T23:59:59Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z")]
    public void Window_InUtc_IsTheCalendars(BudgetWindow window, string now, string start, string end)
        => Assert.Equal(Span(start, end), new WindowCalendar(window, TimeZoneInfo.Utc).At(At(now)));

    [Theory]
    [InlineData(BudgetWindow.Day, "2026-03-28T23:30:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")]
    [InlineData(BudgetWindow.Day, "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")]
    [InlineData(BudgetWindow.Month, "2026-03-31T21:59:59Z", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z")]
    [InlineData(BudgetWindow.Week, "2026-03-29T12:00:00Z", "2026-03-22T23:00:00Z", "2026-03-29T22:00:00Z")]
    [InlineData(BudgetWindow.Hour, "2026-10-25T00:30:00Z", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z")]
    public void Window_WhereClocksChange_HasTheHoursOfItsDays(BudgetWindow window, string now, string start, string end)
        => Assert.Equal(Span(start, end), new WindowCalendar(window, Berlin).At(At(now)));

    [Fact]
    public void Midnight_ThatDoesNotExist_IsTheMomentOfTheChange()
        // 00:00 becomes 01:00 on the third Sunday of October: the day begins at 03:00 UTC all the same, and has 23 hours.
        => Assert.Equal(Span("2026-10-18T03:00:00Z", "2026-10-19T02:00:00Z"), new WindowCalendar(BudgetWindow.Day, Midnight).At(At("2026-10-18T12:00:00Z")));

    [Fact]
    public void Midnight_ThatComesTwice_CountsTheFirstTime()
        // 01:00 becomes 00:00 on the first Sunday of November: the day has 25 hours, both of its first ones.
        => Assert.Equal(Span("2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"), new WindowCalendar(BudgetWindow.Day, AfterMidnight).At(At("2026-11-01T05:30:00Z")));

    [Theory]
    [InlineData(BudgetWindow.Hour)]
    [InlineData(BudgetWindow.Day)]
    [InlineData(BudgetWindow.Week)]
    [InlineData(BudgetWindow.Month)]
    public void Windows_OfAnyZone_FollowOneAnotherWithoutGapOrOverlap(BudgetWindow window)
    {
        foreach (TimeZoneInfo zone in (TimeZoneInfo[])[TimeZoneInfo.Utc, Berlin, Midnight, AfterMidnight, HalfHour])
        {
            var calendar = new WindowCalendar(window, zone);
            DateTimeOffset now = At("2025-12-20T00:10:00Z");
            WindowSpan last = calendar.At(now);
            while (now < At("2027-01-10T00:00:00Z"))
            {
                now = now.AddMinutes(20);
                WindowSpan span = calendar.At(now);
                Assert.True(span.Contains(now), $"{zone.Id} {now:u}");
                Assert.True(span == last || span.Start == last.End, $"{zone.Id} {now:u}");
                last = span;
            }
        }
    }

    [Fact]
    public void Seconds_AreCutAlikeEverywhere_AndForwardsAndBackwards()
    {
        var calendar = new WindowCalendar(TimeSpan.FromSeconds(90));
        WindowSpan span = calendar.At(At("1970-01-01T00:03:10Z"));

        Assert.Equal(Span("1970-01-01T00:03:00Z", "1970-01-01T00:04:30Z"), span);
        Assert.Equal(Span("1970-01-01T00:01:30Z", "1970-01-01T00:03:00Z"), calendar.At(span.Start.AddTicks(-1)));
        Assert.Equal(span, calendar.At(span.Start));
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static WindowSpan Span(string start, string end) => new(At(start), At(end));

    private static TimeZoneInfo Zone(string id, double hours, TimeZoneInfo.TransitionTime start, TimeZoneInfo.TransitionTime end, int deltaMinutes = 60)
        => TimeZoneInfo.CreateCustomTimeZone(id, TimeSpan.FromHours(hours), id, id, id,
            [TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(new DateTime(2000, 1, 1), new DateTime(2100, 1, 1), TimeSpan.FromMinutes(deltaMinutes), start, end)]);

    private static TimeZoneInfo.TransitionTime Change(int month, int week, int hour)
        => TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, hour, 0, 0), month, week, DayOfWeek.Sunday);
}
