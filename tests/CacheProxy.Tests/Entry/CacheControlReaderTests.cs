using CacheProxy.Entry;
using CacheProxy.Exchange;

namespace CacheProxy.Tests.Entry;

public class CacheControlReaderTests
{
    private static readonly string All = new ExactOptions().ClientDirectives;

    public static TheoryData<string?, CacheDirectives> Headers => new()
    {
        { null, default },
        { "", default },
        { "no-cache", new() { NoCache = true } },
        { "No-Cache , NO-STORE", new() { NoCache = true, NoStore = true } },
        { "max-age=60,min-fresh=5", new() { MaxAgeSeconds = 60, MinFreshSeconds = 5 } },
        { "max-age=\"60\"", new() { MaxAgeSeconds = 60 } },
        { "max-stale", new() { MaxStaleSeconds = int.MaxValue } },
        { "max-stale=7, only-if-cached", new() { MaxStaleSeconds = 7, OnlyIfCached = true } },
        { "stale-if-error=9", new() { StaleIfErrorSeconds = 9 } },
        // Too large: for ever (RFC 9111 §1.2.2).
        { "max-age=99999999999999", new() { MaxAgeSeconds = int.MaxValue } },
        // Not a number: the strictest.
        { "max-age=soon", new() { MaxAgeSeconds = 0 } },
        { "min-fresh=-1", new() { MinFreshSeconds = int.MaxValue } },
        { "max-stale=x", new() { MaxStaleSeconds = 0 } },
        { "private, unknown=1, ,=,", default },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public void Header_IsRead(string? header, CacheDirectives expected) => Assert.Equal(expected, CacheControlReader.Read(header, All));

    [Fact]
    public void Directives_ThatAreNotAllowed_DoNotCount()
        => Assert.Equal(new CacheDirectives { MaxAgeSeconds = 1 }, CacheControlReader.Read("no-cache, max-age=1, no-store", " max-age , max-stale "));
}
