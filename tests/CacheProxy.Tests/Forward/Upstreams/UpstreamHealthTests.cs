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
        Assert.Equal(Admission.Refused, sut.TryEnter(isLast: false));
        Assert.Equal(TimeSpan.FromSeconds(5), sut.RestLeft(isLast: false));
        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(UpstreamState.HalfOpen, sut.State);
        Assert.Equal(Admission.Trial, sut.TryEnter(isLast: false));
        Assert.Equal(Admission.Refused, sut.TryEnter(isLast: false));
        sut.Succeeded();
        Assert.Equal(UpstreamState.Up, sut.State);
        Assert.Equal(Admission.Free, sut.TryEnter(isLast: false));
    }

    [Fact]
    public void Trial_ThatFails_StartsTheRestAnew()
    {
        UpstreamHealth sut = CreateSut(restAfterFailures: 1);
        sut.Failed();
        _clock.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(Admission.Trial, sut.TryEnter(isLast: false));
        sut.Failed();

        Assert.Equal(UpstreamState.Resting, sut.State);
    }

    [Fact]
    public void Trial_ThatNeverEnds_DoesNotKeepItOutForEver()
    {
        UpstreamHealth sut = CreateSut(restAfterFailures: 1);
        sut.Failed();
        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(Admission.Trial, sut.TryEnter(isLast: false));

        _clock.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(Admission.Trial, sut.TryEnter(isLast: false));
    }

    [Fact]
    public void Failures_WithoutALimit_GiveNoRest()
    {
        UpstreamHealth sut = CreateSut(restAfterFailures: 0);

        Fail(sut, 100);

        Assert.Equal(UpstreamState.Up, sut.State);
        Assert.Equal(Admission.Free, sut.TryEnter(isLast: false));
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

        sut.Opened();
        sut.Succeeded();
        Assert.Equal(UpstreamState.Open, sut.State);
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(UpstreamState.HalfOpen, sut.State);
        Assert.True(sut.MayBeAsked);
        sut.Recovered();

        Assert.Equal(UpstreamState.Up, sut.State);
    }

    [Fact]
    public void Rest_WhereNobodyElseIsLeft_LetsOneThroughEachSecond()
    {
        UpstreamHealth sut = CreateSut(restAfterFailures: 1);
        Assert.True(sut.Failed());
        Assert.False(sut.Failed());

        Assert.Equal(Admission.Refused, sut.TryEnter(isLast: true));
        Assert.Equal(TimeSpan.FromSeconds(1), sut.RestLeft(isLast: true));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Admission.Refused, sut.TryEnter(isLast: false));
        Assert.Equal(Admission.Trial, sut.TryEnter(isLast: true));
        Assert.Equal(Admission.Refused, sut.TryEnter(isLast: true));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Admission.Trial, sut.TryEnter(isLast: true));
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
