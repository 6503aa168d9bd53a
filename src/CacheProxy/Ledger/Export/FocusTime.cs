using System.Globalization;

namespace CacheProxy.Ledger.Export;

/// <summary>A time as FOCUS writes it: UTC, whole seconds, <c>2026-01-31T23:59:59Z</c>.</summary>
internal readonly record struct FocusTime(DateTimeOffset Time)
{
    public override string ToString() => Time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
