using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.ExactCache;

public class FreshnessPolicyTests
{
    [Theory]
    [InlineData(null, 600)]
    [InlineData(0, 0)]
    [InlineData(60, 60)]
    [InlineData(3000, 3000)]
    [InlineData(3001, 3000)]
    [InlineData(int.MaxValue, 3000)]
    public void Ttl_IsTheClientsUpToTheMaximum(int? asked, int expected)
        => Assert.Equal(expected, FreshnessPolicy.For(Exchange(new ExactOptions { TtlSeconds = 600, MaxTtlSeconds = 3000 }, asked)).TtlSeconds);

    [Fact]
    public void Jitter_ShortensByUpToItsPart_AndDiffersFromAnswerToAnswer()
    {
        var options = new ExactOptions { TtlSeconds = 10_000, TtlJitterPercent = 20 };
        int[] ttls = [.. Enumerable.Range(0, 1000).Select(i => FreshnessPolicy.For(Exchange(options, null, i)).TtlSeconds)];

        Assert.All(ttls, ttl => Assert.InRange(ttl, 8000, 10_000));
        Assert.InRange(ttls.Average(), 8900, 9100);
        Assert.True(ttls.Distinct().Count() > 700, $"{ttls.Distinct().Count()} different ones");
        Assert.Equal(ttls[7], FreshnessPolicy.For(Exchange(options, null, 7)).TtlSeconds);
    }

    [Fact]
    public void Jitter_NeverLengthensWhatTheClientAskedFor_NorMakesItNothing()
    {
        var options = new ExactOptions { MaxTtlSeconds = 100, TtlJitterPercent = 90 };

        Assert.All(Enumerable.Range(0, 100), i => Assert.InRange(FreshnessPolicy.For(Exchange(options, 500, i)).TtlSeconds, 10, 100));
        Assert.All(Enumerable.Range(0, 100), i => Assert.InRange(FreshnessPolicy.For(Exchange(options, 2, i)).TtlSeconds, 1, 2));
    }

    [Theory]
    [InlineData(false, "no-store", 600, 50)]
    [InlineData(true, "no-store", 0, 0)]
    [InlineData(true, "max-age=30", 30, 50)]
    [InlineData(true, "max-age=3000", 600, 50)]
    [InlineData(true, "max-age=30, must-revalidate", 30, 0)]
    [InlineData(true, "", 600, 50)]
    public void Upstream_ShortensWhereItCounts(bool counts, string header, int ttl, int stale)
    {
        var options = new ExactOptions { TtlSeconds = 600, StaleWhileRevalidateSeconds = 50, ObeyUpstreamCacheControl = counts };
        Lifetime lifetime = FreshnessPolicy.For(Exchange(options, null), UpstreamCacheControl.Read(header));

        Assert.Equal((ttl, stale), (lifetime.TtlSeconds, lifetime.StaleWhileRevalidateSeconds));
    }

    private static ExchangeFeature Exchange(ExactOptions options, int? asked, int number = 1) => new()
    {
        Dialect = Dialect.OpenAIChat,
        Scope = null!,
        Body = default,
        TtlSeconds = asked,
        Fingerprint = SampleEntries.Fingerprint(number),
        AnsweredAt = SampleEntries.Start,
        Policy = CachePolicy.Of(options, null),
    };
}
