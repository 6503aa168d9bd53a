using CacheProxy.Forward.Upstreams;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.Forward.Upstreams;

public class UpstreamHealthTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Failures_InARow_GiveItARestThatOneRequestEnds()
    {
        UpstreamHealth sut = CreateSut(restAfterFailures: 3);

        Fail(sut, 2);
        sut.Succeeded();
        Fail(sut, 2);
        Assert.True(sut.MayBeAsked);
        sut.Failed();

        Assert.Equal(UpstreamState.Resting, sut.State);
        Assert.False(sut.MayBeAsked);
        Assert.False(sut.TryEnter());
        Assert.Equal(TimeSpan.FromSeconds(5), sut.RestLeft);
        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(UpstreamState.HalfOpen, sut.State);
        Assert.True(sut.TryEnter());
        Assert.False(sut.TryEnter());
        sut.Succeeded();
        Assert.Equal(UpstreamState.Up, sut.State);
        Assert.True(sut.TryEnter());
    }

    [Fact]
    public void Trial_ThatFails_StartsTheRestAnew()
    {
        UpstreamHealth sut = CreateSut(restAfterFailures: 1);
        sut.Failed();
        _clock.Advance(TimeSpan.FromSeconds(6));

        Assert.True(sut.TryEnter());
        sut.Failed();

        Assert.Equal(UpstreamState.Resting, sut.State);
    }

    [Fact]
    public void Trial_ThatNeverEnds_DoesNotKeepItOutForEver()
    {
        UpstreamHealth sut = CreateSut(restAfterFailures: 1);
        sut.Failed();
        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.True(sut.TryEnter());

        _clock.Advance(TimeSpan.FromSeconds(6));

        Assert.True(sut.TryEnter());
    }

    [Fact]
    public void Failures_WithoutALimit_GiveNoRest()
    {
        UpstreamHealth sut = CreateSut(restAfterFailures: 0);

        Fail(sut, 100);

        Assert.Equal(UpstreamState.Up, sut.State);
        Assert.True(sut.TryEnter());
    }

    [Fact]
    public void Probes_ChangeTheStateAfterSeveralInARow()
    {
        UpstreamHealth sut = CreateSut(restAfterFailures: 3);

        Assert.False(sut.Probed(false));
        Assert.False(sut.Probed(true));
        Assert.False(sut.Probed(false));
        Assert.True(sut.Probed(false));
        Assert.Equal(UpstreamState.Down, sut.State);
        Assert.False(sut.MayBeAsked);
        Assert.False(sut.Probed(true));
        Assert.True(sut.Probed(true));
        Assert.True(sut.MayBeAsked);
    }

    [Fact]
    public void Breaker_ThatOpened_IsHalfOpenAfterItsTime()
    {
        UpstreamHealth sut = CreateSut(restAfterFailures: 3);

        sut.Opened(TimeSpan.FromSeconds(2));
        Assert.Equal(UpstreamState.Open, sut.State);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(UpstreamState.HalfOpen, sut.State);
        Assert.True(sut.MayBeAsked);
        sut.Closed();

        Assert.Equal(UpstreamState.Up, sut.State);
    }

    private static void Fail(UpstreamHealth sut, int times)
    {
        for (int i = 0; i < times; i++)
        {
            sut.Failed();
        }
    }

    private UpstreamHealth CreateSut(int restAfterFailures)
        => new(UpstreamTuning.Of(new UpstreamOptions { RestAfterFailures = restAfterFailures, BreakSeconds = 5, HealthThreshold = 2 }), _clock);
}
