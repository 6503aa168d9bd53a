using System.Globalization;
using System.Text.RegularExpressions;

namespace CacheProxy.Cli.Reports;

/// <summary>Times as people write them: <c>7d</c>, <c>2026-11-15</c>, <c>2026-11-15T08:30</c>, with or without an offset.</summary>
internal static partial class TimeText
{
    private static readonly string[] LocalForms = ["yyyy-MM-dd", "yyyy-MM-ddTHH:mm", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss"];
    private static readonly string[] FullForms = ["yyyy-MM-ddTHH:mmzzz", "yyyy-MM-ddTHH:mm:sszzz", "yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz"];

    /// <param name="option">Named in what is said of a text that is no time.</param>
    /// <param name="isEnd">Where clocks are put back an hour comes twice: the end of a range is the second one, its beginning the first.</param>
    /// <exception cref="CliException">It is no time, or none that the zone's clocks show.</exception>
    public static DateTimeOffset Parse(string option, string text, DateTimeOffset now, TimeZoneInfo zone, bool isEnd)
    {
        try
        {
            if (Ago().Match(text) is { Success: true } ago)
            {
                return Before(now, int.Parse(ago.Groups[1].ValueSpan, CultureInfo.InvariantCulture), ago.Groups[2].Value, zone);
            }

            if (DateTimeOffset.TryParseExact(text.Replace("Z", "+00:00", StringComparison.OrdinalIgnoreCase), FullForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset full))
            {
                return full.ToUniversalTime();
            }

            if (DateTime.TryParseExact(text, LocalForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime local))
            {
                return Instant(option, local, zone, isEnd, isDay: text.Length == "yyyy-MM-dd".Length);
            }
        }
        catch (Exception exception) when (exception is OverflowException or ArgumentOutOfRangeException)
        {
            throw new CliException($"{option} {text} lies outside the calendar.");
        }

        throw new CliException($"{option} {text} is no time: 7d, 36h, 2w, 2026-11-15, 2026-11-15T08:30 or 2026-11-15T08:30+01:00.");
    }

    /// <exception cref="CliException">Nobody knows it.</exception>
    public static TimeZoneInfo Zone(string option, string? name)
        => name is null ? TimeZoneInfo.Local
            : TimeZoneInfo.TryFindSystemTimeZoneById(name, out TimeZoneInfo? zone) ? zone
            : throw new CliException($"{option} {name} is no time zone that this machine knows; names are as Europe/Berlin or UTC.");

    // Days are the calendar's: the same time on the clock, an hour more or less where clocks were changed in between.
    private static DateTimeOffset Before(DateTimeOffset now, int count, string unit, TimeZoneInfo zone)
    {
        if (unit is "h" or "m")
        {
            return now - (unit == "h" ? TimeSpan.FromHours(count) : TimeSpan.FromMinutes(count));
        }

        DateTime local = TimeZoneInfo.ConvertTime(now, zone).DateTime.AddDays(-(long)count * (unit == "w" ? 7 : 1));
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(15);
        }

        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }

    private static DateTimeOffset Instant(string option, DateTime local, TimeZoneInfo zone, bool isEnd, bool isDay)
    {
        while (zone.IsInvalidTime(local))
        {
            // A day begins with its first time that exists; a time of day that the clocks leave out is a mistake.
            local = isDay ? local.AddMinutes(15) : throw new CliException($"{option}: clocks in {zone.Id} leave {local:HH:mm} out on {local:yyyy-MM-dd}.");
        }

        TimeSpan offset = !zone.IsAmbiguousTime(local) ? zone.GetUtcOffset(local)
            : isEnd && !isDay ? zone.GetAmbiguousTimeOffsets(local).Min() : zone.GetAmbiguousTimeOffsets(local).Max();
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }

    [GeneratedRegex("^([0-9]{1,9})([wdhm])$", RegexOptions.CultureInvariant)]
    private static partial Regex Ago();
}
