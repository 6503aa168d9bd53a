using System.Globalization;
using CacheProxy.Exchange;

namespace CacheProxy.Entry;

/// <summary>
/// Reads the request's <c>Cache-Control</c> (RFC 9111 §5.2): a list of tokens, each with an argument that is a token or a quoted string.
/// Unknown directives are ignored, as the RFC has it. Everything in doubt is read as the client's strictest wish: of a directive that comes
/// twice the more restrictive value counts (§4.2.1), and so does a known one whose number cannot be read.
/// </summary>
public static class CacheControlReader
{
    /// <param name="allowed">The directives that count, separated by commas.</param>
    public static CacheDirectives Read(string? header, string allowed)
    {
        var directives = new CacheDirectives();
        ReadOnlySpan<char> rest = header;
        while (!rest.IsEmpty)
        {
            ReadOnlySpan<char> part = TakeElement(ref rest);
            int equals = part.IndexOf('=');
            ReadOnlySpan<char> name = equals < 0 ? part : part[..equals].TrimEnd();
            if (Contains(allowed, name))
            {
                directives = Apply(directives, name, equals < 0 ? default : Unquoted(part[(equals + 1)..].Trim()), hasArgument: equals >= 0);
            }
        }

        return directives;
    }

    // A comma inside a quoted string separates nothing; a string that is never closed ends with the header.
    private static ReadOnlySpan<char> TakeElement(ref ReadOnlySpan<char> rest)
    {
        bool isQuoted = false;
        int end = 0;
        for (; end < rest.Length; end++)
        {
            switch (rest[end])
            {
                case '"':
                    isQuoted = !isQuoted;
                    break;
                case '\\' when isQuoted:
                    end++;
                    break;
                case ',' when !isQuoted:
                    ReadOnlySpan<char> element = rest[..end].Trim();
                    rest = rest[(end + 1)..];
                    return element;
            }
        }

        ReadOnlySpan<char> last = rest.Trim();
        rest = default;
        return last;
    }

    private static CacheDirectives Apply(CacheDirectives known, ReadOnlySpan<char> name, ReadOnlySpan<char> value, bool hasArgument) => name switch
    {
        _ when Is(name, "no-cache") => known with { NoCache = true },
        _ when Is(name, "no-store") => known with { NoStore = true },
        _ when Is(name, "only-if-cached") => known with { OnlyIfCached = true },
        _ when Is(name, "max-age") => known with { MaxAgeSeconds = Least(known.MaxAgeSeconds, Seconds(value, strictest: 0)) },
        _ when Is(name, "min-fresh") => known with { MinFreshSeconds = Math.Max(known.MinFreshSeconds ?? 0, Seconds(value, strictest: int.MaxValue)) },
        // Without an argument any staleness is welcome (RFC 9111 §5.2.1.2).
        _ when Is(name, "max-stale") => known with { MaxStaleSeconds = Least(known.MaxStaleSeconds, hasArgument ? Seconds(value, strictest: 0) : int.MaxValue) },
        _ when Is(name, "stale-if-error") => known with { StaleIfErrorSeconds = Least(known.StaleIfErrorSeconds, Seconds(value, strictest: 0)) },
        _ => known,
    };

    private static int Least(int? known, int seconds) => Math.Min(known ?? int.MaxValue, seconds);

    // A number that does not fit means "for ever" (RFC 9111 §1.2.2).
    private static int Seconds(ReadOnlySpan<char> value, int strictest)
    {
        if (value.IsEmpty || value.ContainsAnyExceptInRange('0', '9'))
        {
            return strictest;
        }

        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) ? seconds : int.MaxValue;
    }

    // Half a pair of quotes stays: it makes the argument unreadable, which is what it is.
    private static ReadOnlySpan<char> Unquoted(ReadOnlySpan<char> value) => value is ['"', .. var inner, '"'] ? inner : value;

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
