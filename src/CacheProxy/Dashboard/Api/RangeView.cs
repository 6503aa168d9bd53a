namespace CacheProxy.Dashboard.Api;

/// <summary>The range that was answered for.</summary>
/// <param name="From">Included.</param>
/// <param name="To">Excluded.</param>
/// <param name="StepSeconds">Of a series; a day of <paramref name="TimeZone"/> may be an hour longer or shorter. Null: no series.</param>
/// <param name="TimeZone">IANA name whose midnights days begin at.</param>
public sealed record RangeView(DateTimeOffset From, DateTimeOffset To, long? StepSeconds, string TimeZone);
