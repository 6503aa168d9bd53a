using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using CacheProxy.Flight.Shared;
using CacheProxy.Observability.Tracing;

namespace CacheProxy.Stores.Redis;

/// <summary>What the key of a flight's lease holds: <c>token purges</c>, and the traceparent of the leader's span where that is traced.</summary>
/// <param name="Text">As it is written; compared whole before every write.</param>
internal readonly record struct RedisLease(string Text, Guid Token, SharedFlightNotice Notice)
{
    public static RedisLease New(SharedFlightNotice notice)
    {
        var token = Guid.NewGuid();
        string trace = notice.Trace == default ? "" : " " + TraceHeaders.Format(notice.Trace);
        return new RedisLease(string.Create(CultureInfo.InvariantCulture, $"{token:N} {notice.PurgesKnown}{trace}"), token, notice);
    }

    public static bool TryParse([NotNullWhen(true)] string? text, out RedisLease lease)
    {
        lease = default;
        string[] parts = (text ?? "").Split(' ');
        if (parts.Length is not (2 or 3)
            || !Guid.TryParseExact(parts[0], "N", out Guid token)
            || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long purgesKnown))
        {
            return false;
        }

        lease = new RedisLease(text!, token, new SharedFlightNotice(purgesKnown, parts.Length == 3 ? TraceHeaders.Parse(parts[2]) : default));
        return true;
    }
}
