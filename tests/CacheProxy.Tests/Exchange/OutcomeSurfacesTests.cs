using CacheProxy.Exchange;
using CacheProxy.Exchange.Replay;
using CacheProxy.Protocol;
using CacheProxy.SemanticCache;

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
    public void Skips_AllShowInTheStatusBehindWhatHappened()
    {
        foreach (SemanticSkip skip in Enum.GetValues<SemanticSkip>())
        {
            var exchange = new ExchangeFeature { Dialect = Dialect.OpenAIChat, Scope = new Scope(default), Body = default, SemanticSkip = skip };
            string detail = skip == SemanticSkip.None ? "" : $"; detail=semantic-{skip.ToTag()}";

            Assert.Equal("CacheProxy; fwd=miss; stored" + detail, StatusHeader.Forwarded(exchange, willStore: true));
            Assert.Equal("CacheProxy; fwd=miss" + detail, StatusHeader.Forwarded(exchange, willStore: false));
            Assert.True(CacheStatus.TryParse(StatusHeader.Forwarded(exchange, willStore: true), out IReadOnlyList<CacheStatus>? members));
            Assert.Equal(skip == SemanticSkip.None ? null : $"semantic-{skip.ToTag()}", Assert.Single(members).Detail);
        }
    }

    [Fact]
    public void Skips_AreReasonsOfTheStageByName()
    {
        SemanticSkip[] told = [.. Enum.GetValues<SemanticReason>().Select(reason => reason.ToSkip()).Where(skip => skip != SemanticSkip.None)];

        Assert.Equal(Enum.GetValues<SemanticSkip>().Skip(1).Order(), told.Order());
        Assert.All(told, skip => Assert.True(Enum.TryParse(skip.ToString(), out SemanticReason reason) && reason.ToSkip() == skip));
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
