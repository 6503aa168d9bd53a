using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace CacheProxy.ExactCache;

/// <summary>What the upstream's answer says of its own caching (RFC 9111 §5.2.2). It can only shorten what the configuration gives.</summary>
/// <param name="ForbidsStoring"><c>no-store</c>, <c>private</c>, or <c>no-cache</c>: there is nothing to revalidate an answer with.</param>
/// <param name="ForbidsStale"><c>must-revalidate</c> or <c>proxy-revalidate</c>.</param>
/// <param name="MaxAgeSeconds"><c>s-maxage</c>, else <c>max-age</c>; null: not said.</param>
public readonly record struct UpstreamCacheControl(bool ForbidsStoring, bool ForbidsStale, int? MaxAgeSeconds)
{
    // Ten years: no honest cache says more, and a date can be moved back by it.
    private const int MaxAge = 315_360_000;

    public static UpstreamCacheControl Read(StringValues header)
    {
        var read = new UpstreamCacheControl();
        bool isShared = false;
        foreach (string? line in header)
        {
            foreach (Range range in line.AsSpan().Split(','))
            {
                ReadOnlySpan<char> part = line.AsSpan()[range].Trim();
                int equals = part.IndexOf('=');
                ReadOnlySpan<char> name = equals < 0 ? part : part[..equals].TrimEnd();
                ReadOnlySpan<char> value = equals < 0 ? default : part[(equals + 1)..].Trim().Trim('"');
                if (Is(name, "no-store") || Is(name, "private") || Is(name, "no-cache"))
                {
                    read = read with { ForbidsStoring = true };
                }
                else if (Is(name, "must-revalidate") || Is(name, "proxy-revalidate"))
                {
                    read = read with { ForbidsStale = true };
                }
                else if (Is(name, "s-maxage") || (Is(name, "max-age") && !isShared))
                {
                    isShared = Is(name, "s-maxage");
                    read = read with { MaxAgeSeconds = Seconds(value) };
                }
            }
        }

        return read;
    }

    /// <summary>The answer's age when it came, in seconds: an upstream that is a cache says it (RFC 9111 §5.1).</summary>
    public static int AgeSeconds(StringValues header) => header.Count == 1 ? Math.Min(Seconds(header.ToString()), MaxAge) : 0;

    // Too large a number means "for ever"; none at all is stale at once (RFC 9111 §1.2.2 and §4.2.1).
    private static int Seconds(ReadOnlySpan<char> value)
    {
        value = value.Trim();
        if (value.IsEmpty || value.ContainsAnyExceptInRange('0', '9'))
        {
            return 0;
        }

        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) ? seconds : int.MaxValue;
    }

    private static bool Is(ReadOnlySpan<char> name, string expected) => name.Equals(expected, StringComparison.OrdinalIgnoreCase);
}
