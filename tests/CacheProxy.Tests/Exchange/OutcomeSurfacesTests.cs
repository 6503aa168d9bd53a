using CacheProxy.Exchange;
using CacheProxy.Exchange.Replay;

namespace CacheProxy.Tests.Exchange;

/// <summary>One enum, and every surface on which it shows: header, metric tag, tier.</summary>
public class OutcomeSurfacesTests
{
    private static readonly CacheOutcome[] Outcomes = Enum.GetValues<CacheOutcome>();
    private static readonly BypassReason[] Reasons = Enum.GetValues<BypassReason>();

    [Fact]
    public void Outcomes_HaveDistinctTagsInSnakeCase()
    {
        string[] tags = [.. Outcomes.Select(outcome => outcome.ToTag())];

        Assert.Equal(["none", "exact", "stale", "semantic", "collapsed", "miss", "bypass"], tags);
    }

    [Fact]
    public void Reasons_HaveDistinctTagsInSnakeCase()
    {
        string[] tags = [.. Reasons.Select(reason => reason.ToTag())];

        Assert.Equal(tags.Length, tags.Distinct().Count());
        Assert.All(tags, tag => Assert.Matches("^[a-z]+(_[a-z]+)*$", tag));
    }

    [Fact]
    public void Outcomes_AllHaveATier()
        => Assert.Equal(["none", "exact", "exact", "semantic", "flight", "none", "none"], Outcomes.Select(outcome => outcome.ToTier()));

    [Theory]
    [InlineData(CacheOutcome.Exact, 3540, "CacheProxy; hit; detail=exact; ttl=3540")]
    [InlineData(CacheOutcome.Semantic, 0, "CacheProxy; hit; detail=semantic; ttl=0")]
    [InlineData(CacheOutcome.Stale, -5, "CacheProxy; hit; detail=stale; ttl=-5")]
    [InlineData(CacheOutcome.Exact, 1_000_000, "CacheProxy; hit; detail=exact; ttl=1000000")]
    public void Hits_HaveTheirStatus(CacheOutcome outcome, long ttl, string expected)
        => Assert.Equal(expected, HitHeaders.Status(outcome, ttl));

    [Fact]
    public void Reasons_AllShowInTheStatus()
    {
        foreach (BypassReason reason in Reasons.Where(reason => reason != BypassReason.None))
        {
            var flags = new CacheFlags();
            flags.DenyAll(reason);
            var exchange = new ExchangeFeature { Dialect = Dialect.OpenAIChat, Scope = new Scope(default), Body = default, Flags = flags };

            Assert.Equal($"CacheProxy; fwd=bypass; detail={reason.ToTag()}", StatusHeader.Forwarded(exchange, willStore: false));
        }
    }

    [Fact]
    public void Flags_AreOnlyLowered_AndKeepTheirFirstReason()
    {
        var sut = new CacheFlags();

        sut.DenyStore(BypassReason.NoStoreRequested);
        sut.DenyAll(BypassReason.Temperature);

        Assert.False(sut.AllowLookup || sut.AllowStore || sut.AllowCollapse);
        Assert.Equal(BypassReason.NoStoreRequested, sut.Reason);
    }
}
