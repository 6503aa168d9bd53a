namespace CacheProxy.Protocol.Tests;

public sealed class CacheStatusTests
{
    public static TheoryData<CacheStatus, string> Members => new()
    {
        { CacheStatus.Hit("exact", 3540), "CacheProxy; hit; detail=exact; ttl=3540" },
        { CacheStatus.Hit("semantic"), "CacheProxy; hit; detail=semantic" },
        { CacheStatus.Hit("stale", -3), "CacheProxy; hit; detail=stale; ttl=-3" },
        { CacheStatus.Miss(stored: true), "CacheProxy; fwd=miss; stored" },
        { CacheStatus.Miss(collapsed: true), "CacheProxy; fwd=miss; collapsed" },
        { CacheStatus.Bypass("no_cache_requested"), "CacheProxy; fwd=bypass; detail=no_cache_requested" },
        { new CacheStatus { Forward = "stale", ForwardStatus = 304, Key = "a \"b\" \\ c" }, "CacheProxy; fwd=stale; fwd-status=304; key=\"a \\\"b\\\" \\\\ c\"" },
        { new CacheStatus { CacheName = "two words", IsHit = true }, "\"two words\"; hit" },
    };

    [Theory]
    [MemberData(nameof(Members))]
    public void ToString_AnyMember_IsTheHeaderTextAndReadsBack(CacheStatus member, string text)
    {
        Assert.Equal(text, member.ToString());
        Assert.True(CacheStatus.TryParse(text, out IReadOnlyList<CacheStatus>? members));
        Assert.Equal([member], members);
    }

    [Fact]
    public void ToString_TextOutsideAscii_StaysAValidField()
        => Assert.Equal("CacheProxy; hit; detail=\"na?ve\"", CacheStatus.Hit("naïve").ToString());

    [Fact]
    public void TryParse_SeveralCaches_ListsThemInOrder()
    {
        Assert.True(CacheStatus.TryParse("OriginCache; hit; ttl=1100,\"CDN, Inc\";fwd=uri-miss ;  stored=?0; x=1.5", out IReadOnlyList<CacheStatus>? members));
        Assert.Equal(
            [new CacheStatus { CacheName = "OriginCache", IsHit = true, TtlSeconds = 1100 }, new CacheStatus { CacheName = "CDN, Inc", Forward = "uri-miss" }],
            members);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("; hit")]
    [InlineData("CacheProxy; hit,")]
    [InlineData("CacheProxy; detail=\"open")]
    [InlineData("CacheProxy; ttl=")]
    [InlineData("CacheProxy hit")]
    [InlineData("CacheProxy; Hit")]
    public void TryParse_NoStructuredList_IsRefused(string? text)
    {
        Assert.False(CacheStatus.TryParse(text, out IReadOnlyList<CacheStatus>? members));
        Assert.Null(members);
    }
}
