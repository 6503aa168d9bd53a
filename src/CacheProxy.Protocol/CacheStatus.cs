using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace CacheProxy.Protocol;

/// <summary>One cache's member of the <c>Cache-Status</c> response header (RFC 9211 §2). Immutable; <see cref="ToString"/> is the header text.</summary>
public sealed record CacheStatus
{
    /// <summary>The name under which CacheProxy reports itself.</summary>
    public const string CacheProxyName = "CacheProxy";

    /// <summary>The cache that reports, nearest to the origin first in a list.</summary>
    public string CacheName { get; init; } = CacheProxyName;

    /// <summary>The request was answered from the cache, without the upstream.</summary>
    public bool IsHit { get; init; }

    /// <summary>Why it was forwarded (<c>miss</c>, <c>bypass</c>, <c>stale</c>, <c>request</c>, …); null when it was not.</summary>
    public string? Forward { get; init; }

    /// <summary>The upstream's status, when it differs from the one sent on.</summary>
    public int? ForwardStatus { get; init; }

    /// <summary>The answer was stored.</summary>
    public bool IsStored { get; init; }

    /// <summary>The request was joined to another one under way.</summary>
    public bool IsCollapsed { get; init; }

    /// <summary>What the name cannot say: the tier of a hit, the reason of a bypass.</summary>
    public string? Detail { get; init; }

    /// <summary>Seconds of freshness left; negative when stale.</summary>
    public long? TtlSeconds { get; init; }

    /// <summary>The cache key, where the cache tells it.</summary>
    public string? Key { get; init; }

    public static CacheStatus Hit(string detail, long? ttlSeconds = null) => new() { IsHit = true, Detail = detail, TtlSeconds = ttlSeconds };

    public static CacheStatus Miss(bool stored = false, bool collapsed = false)
        => new() { Forward = "miss", IsStored = stored, IsCollapsed = collapsed };

    public static CacheStatus Bypass(string reason) => new() { Forward = "bypass", Detail = reason };

    /// <summary>Reads a header value, which lists one member per cache on the way.</summary>
    /// <returns>False when the value is not a structured field list; parameters that are unknown or of another type are ignored (RFC 9211 §2).</returns>
    public static bool TryParse(string? value, [NotNullWhen(true)] out IReadOnlyList<CacheStatus>? members)
    {
        var list = new List<CacheStatus>();
        var reader = new StructuredFieldReader(value ?? "");
        members = list;
        do
        {
            if (!reader.TryReadItem(out string name))
            {
                members = null;
                return false;
            }

            var member = new CacheStatus { CacheName = name };
            while (reader.TryReadParameter(out string key, out object parameter))
            {
                member = member.With(key, parameter);
            }

            list.Add(member);
        }
        while (reader.TryReadComma());
        members = reader.IsAtEnd ? list : null;
        return members is not null;
    }

    public override string ToString()
    {
        var text = new StringBuilder(64);
        AppendBareItem(text, CacheName);
        AppendFlag(text, "hit", IsHit);
        AppendText(text, "fwd", Forward);
        AppendInteger(text, "fwd-status", ForwardStatus);
        // Behind what a forwarded request tells of itself, in front of what explains a hit: the beginning says what happened.
        bool explainsForward = IsStored || IsCollapsed;
        AppendText(text, "detail", explainsForward ? null : Detail);
        AppendInteger(text, "ttl", TtlSeconds);
        AppendFlag(text, "stored", IsStored);
        AppendFlag(text, "collapsed", IsCollapsed);
        AppendText(text, "detail", explainsForward ? Detail : null);
        AppendText(text, "key", Key);
        return text.ToString();
    }

    private CacheStatus With(string key, object parameter) => (key, parameter) switch
    {
        ("hit", bool flag) => this with { IsHit = flag },
        ("fwd", string text) => this with { Forward = text },
        ("fwd-status", long number) => this with { ForwardStatus = (int)number },
        ("detail", string text) => this with { Detail = text },
        ("ttl", long number) => this with { TtlSeconds = number },
        ("stored", bool flag) => this with { IsStored = flag },
        ("collapsed", bool flag) => this with { IsCollapsed = flag },
        ("key", string text) => this with { Key = text },
        _ => this,
    };

    private static void AppendFlag(StringBuilder text, string name, bool value)
    {
        if (value)
        {
            text.Append("; ").Append(name);
        }
    }

    private static void AppendInteger(StringBuilder text, string name, long? value)
    {
        if (value is { } number)
        {
            text.Append("; ").Append(name).Append('=').Append(number.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static void AppendText(StringBuilder text, string name, string? value)
    {
        if (value is not null)
        {
            text.Append("; ").Append(name).Append('=');
            AppendBareItem(text, value);
        }
    }

    private static void AppendBareItem(StringBuilder text, string value)
    {
        if (StructuredFieldReader.IsToken(value))
        {
            text.Append(value);
            return;
        }

        text.Append('"');
        foreach (char c in value)
        {
            // A structured string is printable ASCII (RFC 8941 §3.3.3); anything else would make the whole header invalid.
            if (c is '"' or '\\')
            {
                text.Append('\\');
            }

            text.Append(c is >= ' ' and <= '~' ? c : '?');
        }

        text.Append('"');
    }
}
