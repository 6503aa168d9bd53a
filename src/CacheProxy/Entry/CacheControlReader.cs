using System.Globalization;
using CacheProxy.Exchange;

namespace CacheProxy.Entry;

/// <summary>
/// Reads the request's <c>Cache-Control</c> (RFC 9111 §5.2). Unknown directives are ignored, as the RFC has it; a known one whose number
/// cannot be read counts as its strictest value.
/// </summary>
public static class CacheControlReader
{
    /// <param name="allowed">The directives that count, separated by commas.</param>
    public static CacheDirectives Read(string? header, string allowed)
    {
        var directives = new CacheDirectives();
        if (string.IsNullOrEmpty(header))
        {
            return directives;
        }

        foreach (Range range in header.AsSpan().Split(','))
        {
            ReadOnlySpan<char> part = header.AsSpan()[range].Trim();
            int equals = part.IndexOf('=');
            ReadOnlySpan<char> name = equals < 0 ? part : part[..equals].TrimEnd();
            ReadOnlySpan<char> value = equals < 0 ? default : part[(equals + 1)..].Trim().Trim('"');
            if (Contains(allowed, name))
            {
                directives = Apply(directives, name, value);
            }
        }

        return directives;
    }

    private static CacheDirectives Apply(CacheDirectives directives, ReadOnlySpan<char> name, ReadOnlySpan<char> value) => name switch
    {
        _ when Is(name, "no-cache") => directives with { NoCache = true },
        _ when Is(name, "no-store") => directives with { NoStore = true },
        _ when Is(name, "only-if-cached") => directives with { OnlyIfCached = true },
        _ when Is(name, "max-age") => directives with { MaxAgeSeconds = Seconds(value, strictest: 0) },
        _ when Is(name, "min-fresh") => directives with { MinFreshSeconds = Seconds(value, strictest: int.MaxValue) },
        // Without a number any staleness is welcome (RFC 9111 §5.2.1.2).
        _ when Is(name, "max-stale") => directives with { MaxStaleSeconds = value.IsEmpty ? int.MaxValue : Seconds(value, strictest: 0) },
        _ when Is(name, "stale-if-error") => directives with { StaleIfErrorSeconds = Seconds(value, strictest: 0) },
        _ => directives,
    };

    // A number that does not fit means "for ever" (RFC 9111 §1.2.2).
    private static int Seconds(ReadOnlySpan<char> value, int strictest)
    {
        if (value.IsEmpty || value.ContainsAnyExceptInRange('0', '9'))
        {
            return strictest;
        }

        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) ? seconds : int.MaxValue;
    }

    private static bool Contains(string allowed, ReadOnlySpan<char> name)
    {
        foreach (Range range in allowed.AsSpan().Split(','))
        {
            if (allowed.AsSpan()[range].Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Is(ReadOnlySpan<char> name, string expected) => name.Equals(expected, StringComparison.OrdinalIgnoreCase);
}
