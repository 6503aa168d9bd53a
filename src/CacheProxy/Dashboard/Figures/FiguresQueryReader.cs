using System.Globalization;
using CacheProxy.Admin;
using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Dashboard.Figures;

/// <summary>Reads a range, its steps and filters out of a query. Faults are the fields' own to report.</summary>
internal sealed class FiguresQueryReader(TimeProvider time)
{
    /// <summary>Points of a chart that is wider than any screen.</summary>
    public const int MostSteps = 1000;

    private const int WantedSteps = 200;
    private const int LongestName = 256;
    private const int LongestZone = 64;

    private static readonly TimeSpan DefaultRange = TimeSpan.FromDays(1);

    // As long as the coarsest sums are kept by default.
    private static readonly TimeSpan LongestRange = TimeSpan.FromDays(3650);

    private static readonly TimeSpan[] Steps =
    [
        TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1), TimeSpan.FromHours(6), TimeSpan.FromDays(1), TimeSpan.FromDays(7),
    ];

    public FiguresQuery Read(JsonFields fields, bool hasSteps = false)
    {
        (DateTimeOffset from, DateTimeOffset to) = ReadRange(fields);
        var filter = new LedgerFilter(from, to)
        {
            Tenant = fields.Text("tenant", LongestName),
            Model = fields.Text("model", LongestName),
            Upstream = fields.Text("upstream", LongestName, mayBeEmpty: true),
            Route = fields.Text("route", LongestName, mayBeEmpty: true),
            Namespace = fields.Text("namespace", LongestName, mayBeEmpty: true),
            Outcome = ReadName<CacheOutcome>(fields, "outcome"),
        };
        return new FiguresQuery(filter, hasSteps ? ReadStep(fields, to - from) : null, ReadZone(fields));
    }

    /// <summary>One of an enum's names as they are written on the wire; null: not given.</summary>
    public static T? ReadName<T>(JsonFields fields, string name) where T : struct, Enum
    {
        if (fields.Text(name) is not { } text)
        {
            return null;
        }

        foreach (T value in Enum.GetValues<T>())
        {
            if (value.ToTag() == text)
            {
                return value;
            }
        }

        fields.Fail(RequestError.InvalidValue(name, $"use one of {string.Join(", ", Enum.GetValues<T>().Select(value => value.ToTag()))}."));
        return null;
    }

    private (DateTimeOffset From, DateTimeOffset To) ReadRange(JsonFields fields)
    {
        DateTimeOffset? from = Instant(fields, "from"), to = Instant(fields, "to");
        TimeSpan? since = ReadSpan(fields, "since", LongestRange);
        if (since is not null && (from is not null || to is not null))
        {
            fields.Fail(RequestError.InvalidValue("since", "give either since, or from and to."));
        }

        // The second that is running is part of it: what was just answered shows at once.
        DateTimeOffset end = to ?? time.GetUtcNow().AddSeconds(1);
        DateTimeOffset start = from ?? end - (since ?? DefaultRange);
        if (start >= end)
        {
            fields.Fail(RequestError.InvalidValue("from", "it is not before the range's end."));
            return (end - DefaultRange, end);
        }

        if (end - start > LongestRange + DefaultRange)
        {
            fields.Fail(RequestError.InvalidValue("from", $"a range is at most {LongestRange.TotalDays.ToString(CultureInfo.InvariantCulture)} days long."));
            return (end - DefaultRange, end);
        }

        return (start.ToUniversalTime(), end.ToUniversalTime());
    }

    // A query has texts only.
    private static DateTimeOffset? Instant(JsonFields fields, string name)
    {
        string? text = fields.Text(name);
        return text is null ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && seconds < 100_000_000_000 ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : fields.Instant(name);
    }

    /// <summary>As <c>15m</c>, <c>24h</c>, <c>7d</c>, <c>2w</c>; null: not given.</summary>
    public static TimeSpan? ReadSpan(JsonFields fields, string name, TimeSpan longest)
    {
        string? text = fields.Text(name);
        if (text is null)
        {
            return null;
        }

        double minutes = text[^1] switch { 'm' => 1, 'h' => 60, 'd' => 1440, 'w' => 10_080, _ => 0 };
        if (minutes > 0 && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && count > 0 && minutes * count <= longest.TotalMinutes)
        {
            return TimeSpan.FromMinutes(minutes * count);
        }

        fields.Fail(RequestError.InvalidValue(name, $"use a number and m, h, d or w, as in 15m, 24h or 7d, at most {longest.TotalDays.ToString(CultureInfo.InvariantCulture)}d."));
        return null;
    }

    private static TimeSpan ReadStep(JsonFields fields, TimeSpan range)
    {
        if (ReadSpan(fields, "step", LongestRange) is not { } step)
        {
            return Array.Find(Steps, one => range / one <= WantedSteps) is var found && found > TimeSpan.Zero ? found : Steps[^1];
        }

        if (range / step > MostSteps)
        {
            fields.Fail(RequestError.InvalidValue("step", $"the range has more than {MostSteps} steps of that; use a longer one."));
        }

        return step;
    }

    private static TimeZoneInfo ReadZone(JsonFields fields)
    {
        string? name = fields.Text("tz", LongestZone);
        if (name is null)
        {
            return TimeZoneInfo.Utc;
        }

        if (TimeZoneInfo.TryFindSystemTimeZoneById(name, out TimeZoneInfo? zone))
        {
            return zone;
        }

        fields.Fail(RequestError.InvalidValue("tz", "use a name of the IANA time zone database, as in Europe/Berlin."));
        return TimeZoneInfo.Utc;
    }
}
