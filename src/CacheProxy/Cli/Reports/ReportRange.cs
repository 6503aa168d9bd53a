namespace CacheProxy.Cli.Reports;

/// <param name="From">UTC; the first instant that counts.</param>
/// <param name="To">UTC; the first instant that does not.</param>
/// <param name="Zone">Whose midnights days begin at.</param>
/// <param name="Tenant">Null: all.</param>
internal sealed record ReportRange(DateTimeOffset From, DateTimeOffset To, TimeZoneInfo Zone, string? Tenant)
{
    /// <summary><c>2026-11-15 00:00</c>, in the zone.</summary>
    public string Local(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, Zone).ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary><c>Sun 2026-11-15</c>.</summary>
    public string Day(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, Zone).ToString("ddd yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    public override string ToString() => $"{Local(From)} to {Local(To)} ({Zone.Id}){(Tenant is null ? "" : $", tenant {Tenant}")}";
}
