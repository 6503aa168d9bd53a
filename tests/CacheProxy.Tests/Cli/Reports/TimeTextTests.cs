using System.Globalization;
using CacheProxy.Cli;
using CacheProxy.Cli.Reports;

namespace CacheProxy.Tests.Cli.Reports;

public class TimeTextTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.Parse("2026-04-01T10:00Z", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("7d", "UTC", "2026-03-25T10:00Z")]
    // The clocks were put forward in between: the same time on the clock is an hour less ago.
    [InlineData("7d", "Europe/Berlin", "2026-03-25T11:00Z")]
    [InlineData("1w", "Europe/Berlin", "2026-03-25T11:00Z")]
    [InlineData("36h", "Europe/Berlin", "2026-03-30T22:00Z")]
    [InlineData("90m", "UTC", "2026-04-01T08:30Z")]
    [InlineData("0d", "UTC", "2026-04-01T10:00Z")]
    [InlineData("2026-03-29", "Europe/Berlin", "2026-03-28T23:00Z")]
    [InlineData("2026-03-30", "Europe/Berlin", "2026-03-29T22:00Z")]
    [InlineData("2026-03-29T08:30", "America/New_York", "2026-03-29T12:30Z")]
    [InlineData("2026-03-29T08:30+01:00", "America/New_York", "2026-03-29T07:30Z")]
    [InlineData("2026-03-29T08:30:15Z", "America/New_York", "2026-03-29T08:30:15Z")]
    // Half an hour and three quarters are offsets too.
    [InlineData("2026-03-29T08:30", "Asia/Kathmandu", "2026-03-29T02:45Z")]
    public void Parse_Times_GivesTheInstant(string text, string zone, string expected)
        => Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture), TimeText.Parse("--since", text, Now, Zone(zone), isEnd: false));

    [Fact]
    public void Parse_AnHourThatComesTwice_IsTheFirstAtTheBeginningAndTheSecondAtTheEnd()
    {
        TimeZoneInfo berlin = Zone("Europe/Berlin");

        DateTimeOffset from = TimeText.Parse("--since", "2026-10-25T02:30", Now, berlin, isEnd: false), to = TimeText.Parse("--until", "2026-10-25T02:30", Now, berlin, isEnd: true);

        Assert.Equal(TimeSpan.FromHours(1), to - from);
    }

    [Fact]
    public void Parse_ADayWhoseMidnightIsLeftOut_BeginsWithItsFirstTime()
        // Chile puts its clocks forward at midnight.
        => Assert.Equal(DateTimeOffset.Parse("2026-09-06T04:00Z", CultureInfo.InvariantCulture), TimeText.Parse("--since", "2026-09-06", Now, Zone("America/Santiago"), isEnd: false));

    [Theory]
    [InlineData("2026-03-29T02:30", "--since: clocks in Europe/Berlin leave 02:30 out on 2026-03-29.")]
    [InlineData("yesterday", "--since yesterday is no time")]
    [InlineData("", "--since  is no time")]
    [InlineData("-7d", "--since -7d is no time")]
    [InlineData("7 d", "--since 7 d is no time")]
    [InlineData("7y", "--since 7y is no time")]
    [InlineData("2026-02-30", "--since 2026-02-30 is no time")]
    [InlineData("999999999d", "--since 999999999d lies outside the calendar.")]
    public void Parse_NoTimes_NamesTheOption(string text, string message)
        => Assert.StartsWith(message, Assert.Throws<CliException>(() => TimeText.Parse("--since", text, Now, Zone("Europe/Berlin"), isEnd: false)).Message, StringComparison.Ordinal);

    [Fact]
    public void Zone_Unknown_NamesTheOption()
        => Assert.StartsWith("--time-zone Mars/Olympus is no time zone", Assert.Throws<CliException>(() => TimeText.Zone("--time-zone", "Mars/Olympus")).Message, StringComparison.Ordinal);

    private static TimeZoneInfo Zone(string name) => TimeZoneInfo.FindSystemTimeZoneById(name);
}
