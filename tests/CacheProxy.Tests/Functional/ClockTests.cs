using CacheProxy.Tests.Functional.Admin;

namespace CacheProxy.Tests.Functional;

/// <summary>A machine whose time is corrected while entries are there.</summary>
public class ClockTests
{
    [Fact]
    public async Task Clock_SetBack_MakesNoEntryLiveLonger()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Exact:TtlSeconds"] = "600" });
        proxy.Upstream.Script = (context, call) => Answers.ObjectAsync(context, $"answer {call}");
        DateTimeOffset wrong = proxy.Clock.GetUtcNow();
        await proxy.AskAsync();

        proxy.Clock.SetUtcNow(wrong.AddHours(-1));
        Reply corrected = await proxy.AskAsync();
        Assert.Equal("CacheProxy; fwd=miss; stored", corrected.CacheStatus);
        Assert.StartsWith("CacheProxy; hit; detail=exact", (await proxy.AskAsync()).CacheStatus);

        proxy.Clock.Advance(TimeSpan.FromHours(1));
        Reply later = await proxy.AskAsync();
        Assert.Equal("CacheProxy; fwd=miss; stored", later.CacheStatus);
        Assert.Equal(3, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Clock_SetBack_EntryThatNobodyAskedFor_IsGoneWhenTheClockGetsThere()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        DateTimeOffset wrong = proxy.Clock.GetUtcNow();
        await proxy.AskAsync();

        proxy.Clock.SetUtcNow(wrong.AddHours(-1));
        proxy.Clock.Advance(TimeSpan.FromMinutes(2));
        await proxy.StoredAsync(0);
        proxy.Clock.SetUtcNow(wrong);

        Assert.Equal("CacheProxy; fwd=miss; stored", (await proxy.AskAsync()).CacheStatus);
    }

    [Fact]
    public async Task Clocks_ThatDifferALittle_StillShare()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync();

        proxy.Clock.SetUtcNow(proxy.Clock.GetUtcNow().AddSeconds(-30));

        Assert.StartsWith("CacheProxy; hit; detail=exact", (await proxy.AskAsync()).CacheStatus);
    }
}
