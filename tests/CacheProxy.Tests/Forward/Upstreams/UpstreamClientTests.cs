using CacheProxy.Forward;
using CacheProxy.Forward.Upstreams;
using CacheProxy.TestKit;
using Yarp.ReverseProxy.Forwarder;

namespace CacheProxy.Tests.Forward.Upstreams;

public class UpstreamClientTests
{
    private static readonly ForwardAttempt Good = new(ForwarderError.None, AttemptResult.Ok);
    private static readonly ForwardAttempt Bad = new(ForwarderError.Request, AttemptResult.Unreachable) { IsFailure = true };

    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [InlineData(0, false)]
    [InlineData(20, true)]
    public async Task Breaker_CountsTheCallsThatWentPastIt(int successes, bool staysClosed)
    {
        using UpstreamClient sut = Create();
        for (int i = 0; i < successes; i++)
        {
            sut.Count(Good);
        }

        await FailAsync(sut, 6);

        Assert.Equal(staysClosed, sut.LetsThrough);
    }

    [Fact]
    public async Task Breaker_ThatIsOpen_IsNotClosedByAnEarlierCallThatEndsLate()
    {
        using UpstreamClient sut = Create();
        await FailAsync(sut, 6);
        _clock.Advance(TimeSpan.FromMinutes(1));

        sut.Count(Good);

        Assert.False(sut.LetsThrough);
    }

    [Fact]
    public async Task Breaker_AfterItsRest_IsClosedByTheCallThatFindsOut()
    {
        using UpstreamClient sut = Create();
        await FailAsync(sut, 6);
        _clock.Advance(TimeSpan.FromMinutes(1));

        await sut.Pipeline.ExecuteAsync(_ => ValueTask.FromResult(Good), TestContext.Current.CancellationToken);

        Assert.True(sut.LetsThrough);
    }

    private static async Task FailAsync(UpstreamClient sut, int times)
    {
        for (int i = 0; i < times && sut.LetsThrough; i++)
        {
            await sut.Pipeline.ExecuteAsync(_ => ValueTask.FromResult(Bad), TestContext.Current.CancellationToken);
        }
    }

    private UpstreamClient Create() => new(UpstreamTuning.Of(new UpstreamOptions { Name = "a", BaseUrl = "http://localhost", BreakFailureRatio = 0.5, BreakSeconds = 10 }), _clock);
}
