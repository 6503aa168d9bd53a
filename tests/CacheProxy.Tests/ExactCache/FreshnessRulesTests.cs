using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.ExactCache;

public class FreshnessRulesTests
{
    private const int Ttl = 100;

    [Theory]
    [InlineData(0, Freshness.Fresh)]
    [InlineData(99, Freshness.Fresh)]
    [InlineData(100, Freshness.StaleRefresh)]
    [InlineData(150, Freshness.StaleRefresh)]
    [InlineData(151, Freshness.StaleIfError)]
    [InlineData(400, Freshness.StaleIfError)]
    [InlineData(401, Freshness.Unusable)]
    public void Age_DecidesWithoutWishes(int age, Freshness expected) => Assert.Equal(expected, Judge(age, default));

    [Theory]
    [InlineData(50, 50, Freshness.Fresh)]
    [InlineData(51, 50, Freshness.StaleIfError)]
    [InlineData(120, 50, Freshness.StaleIfError)]
    public void MaxAge_RefusesWhatIsOlder(int age, int maxAge, Freshness expected)
        => Assert.Equal(expected, Judge(age, new CacheDirectives { MaxAgeSeconds = maxAge }));

    [Theory]
    [InlineData(90, 10, Freshness.Fresh)]
    [InlineData(91, 10, Freshness.StaleIfError)]
    public void MinFresh_RefusesWhatEndsSoon(int age, int minFresh, Freshness expected)
        => Assert.Equal(expected, Judge(age, new CacheDirectives { MinFreshSeconds = minFresh }));

    [Theory]
    [InlineData(200, 100, Freshness.StaleAccepted)]
    [InlineData(201, 100, Freshness.StaleIfError)]
    [InlineData(999, int.MaxValue, Freshness.StaleAccepted)]
    public void MaxStale_TakesWhatIsStale(int age, int maxStale, Freshness expected)
        => Assert.Equal(expected, Judge(age, new CacheDirectives { MaxStaleSeconds = maxStale }));

    [Theory]
    [InlineData(160, 0, Freshness.Unusable)]
    [InlineData(160, 60, Freshness.StaleIfError)]
    [InlineData(161, 60, Freshness.Unusable)]
    public void StaleIfError_OfTheClient_ReplacesTheEntrys(int age, int seconds, Freshness expected)
        => Assert.Equal(expected, Judge(age, new CacheDirectives { StaleIfErrorSeconds = seconds }));

    [Fact]
    public void ClockSetBack_IsNoReasonToRefuse() => Assert.Equal(Freshness.Fresh, Judge(-1000, new CacheDirectives { MaxAgeSeconds = 0 }));

    private static Freshness Judge(int age, CacheDirectives wishes)
    {
        CacheEntry entry = SampleEntries.Plain(1) with { TtlSeconds = Ttl, StaleWhileRevalidateSeconds = 50, StaleIfErrorSeconds = 300 };
        return FreshnessRules.Judge(entry, wishes, entry.CreatedAt.AddSeconds(age));
    }
}
