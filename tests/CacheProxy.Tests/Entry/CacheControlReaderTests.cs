using CacheProxy.Entry;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;

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
        // Twice: the more restrictive counts, in either order.
        { "max-age=60, max-age=5", new() { MaxAgeSeconds = 5 } },
        { "max-age=5, max-age=60", new() { MaxAgeSeconds = 5 } },
        { "max-age=60, max-age=soon", new() { MaxAgeSeconds = 0 } },
        { "min-fresh=5, min-fresh=60, min-fresh=7", new() { MinFreshSeconds = 60 } },
        { "max-stale, max-stale=7", new() { MaxStaleSeconds = 7 } },
        { "max-stale=7, max-stale", new() { MaxStaleSeconds = 7 } },
        { "stale-if-error=9, stale-if-error=3", new() { StaleIfErrorSeconds = 3 } },
        { "no-cache, only-if-cached, no-cache", new() { NoCache = true, OnlyIfCached = true } },
        // An argument that is there and empty is not none.
        { "max-stale=", new() { MaxStaleSeconds = 0 } },
        { "max-stale=\"\"", new() { MaxStaleSeconds = 0 } },
        { "max-age=\"60", new() { MaxAgeSeconds = 0 } },
        { "max-age=6 0", new() { MaxAgeSeconds = 0 } },
        { "max-age=+60", new() { MaxAgeSeconds = 0 } },
        { "max-age=6.5", new() { MaxAgeSeconds = 0 } },
        { "max-age=0x10", new() { MaxAgeSeconds = 0 } },
        // What is quoted is an argument, whatever it looks like.
        { "unknown=\"a, max-stale=99, no-store\", max-age=3", new() { MaxAgeSeconds = 3 } },
        { "unknown=\"a\\\", max-stale=99\", min-fresh=3", new() { MinFreshSeconds = 3 } },
        { "no-cache=\"x-header, y\"", new() { NoCache = true } },
        { "no-store=0", new() { NoStore = true } },
        { "unknown=\"never closed, no-store", default },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public void Header_IsRead(string? header, CacheDirectives expected) => Assert.Equal(expected, CacheControlReader.Read(header, All));

    [Fact]
    public void Headers_OfRandomText_NeverFailAndNeverLoosen()
    {
        var random = new Random(11);
        string[] pieces = ["max-age", "max-stale", "min-fresh", "no-store", "=", ",", "\"", "\\", "5", "99999999999", " ", "\t", "é", "-", "stale-if-error", "\0"];
        for (int i = 0; i < 5000; i++)
        {
            string noise = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => pieces[random.Next(pieces.Length)]));
            CacheDirectives read = CacheControlReader.Read("no-store, max-age=3, " + noise, All);

            Assert.True(read.NoStore);
            Assert.InRange(read.MaxAgeSeconds!.Value, 0, 3);
        }
    }

    [Fact]
    public void Directives_ThatAreNotAllowed_DoNotCount()
        => Assert.Equal(new CacheDirectives { MaxAgeSeconds = 1 }, CacheControlReader.Read("no-cache, max-age=1, no-store", " max-age , max-stale "));
}
