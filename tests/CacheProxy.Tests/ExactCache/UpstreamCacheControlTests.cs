using CacheProxy.ExactCache;
using Microsoft.Extensions.Primitives;

namespace CacheProxy.Tests.ExactCache;

public class UpstreamCacheControlTests
{
    [Theory]
    [InlineData("", false, false, null)]
    [InlineData("no-store", true, false, null)]
    [InlineData("No-Cache, must-revalidate", true, true, null)]
    [InlineData("private, max-age=0, no-store, no-cache, must-revalidate", true, true, 0)]
    [InlineData("max-age=60", false, false, 60)]
    [InlineData("max-age=\"60\"", false, false, 60)]
    [InlineData("s-maxage=10, max-age=60", false, false, 10)]
    [InlineData("max-age=60,s-maxage=10", false, false, 10)]
    [InlineData("max-age", false, false, 0)]
    [InlineData("max-age=-1", false, false, 0)]
    [InlineData("max-age=99999999999999", false, false, int.MaxValue)]
    [InlineData("public, proxy-revalidate, immutable, x=no-store", false, true, null)]
    public void Header_IsRead(string header, bool forbidsStoring, bool forbidsStale, int? maxAge)
        => Assert.Equal(new UpstreamCacheControl(forbidsStoring, forbidsStale, maxAge), UpstreamCacheControl.Read(header));

    [Fact]
    public void Header_InSeveralLines_IsOne()
        => Assert.Equal(new UpstreamCacheControl(true, false, 5), UpstreamCacheControl.Read(new StringValues(["max-age=5", "no-store"])));

    [Theory]
    [InlineData("17", 17)]
    [InlineData("", 0)]
    [InlineData("soon", 0)]
    [InlineData("99999999999", 315_360_000)]
    public void Age_IsRead(string header, int expected) => Assert.Equal(expected, UpstreamCacheControl.AgeSeconds(header));
}
