using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Scheduling;
using CacheProxy.TestKit;

namespace CacheProxy.Inference.Tests.Scheduling;

public sealed class QueueGaugeTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void TryEnter_OneTenantFillsItsPart_OthersStillGetIn()
    {
        var queue = new QueueGauge(limit: 4, tenantLimit: 3, _clock);

        Assert.Equal(
            [QueueState.Open, QueueState.Open, QueueState.Open, QueueState.TenantFull],
            Enumerable.Range(0, 4).Select(_ => queue.TryEnter("a")));
        Assert.Equal([QueueState.Open, QueueState.Full], new[] { queue.TryEnter("b"), queue.TryEnter("c") });
        queue.Cancel("a");
        Assert.Equal(QueueState.Open, queue.TryEnter("c"));
        Assert.Equal(4, queue.Count);
    }

    [Fact]
    public void Leave_Twice_CountsOnce()
    {
        var queue = new QueueGauge(limit: 2, tenantLimit: 2, _clock);
        queue.TryEnter("");
        queue.TryEnter("");
        Sequence sequence = Waiting();

        queue.Leave(sequence);
        queue.Leave(sequence);

        Assert.Equal(1, queue.Count);
    }

    [Theory]
    [InlineData(1, 10, 5)]
    [InlineData(0.1, 10, 1)]
    [InlineData(3, 20, 30)]
    [InlineData(20, 100, 60)]
    public void RetryAfter_SteadyStarts_IsTheTimeForHalfTheQueue(double secondsPerStart, int queued, double expected)
    {
        var queue = new QueueGauge(limit: 1000, tenantLimit: 1000, _clock);
        for (int i = 0; i < queued + 100; i++)
        {
            queue.TryEnter("");
        }

        for (int i = 0; i < 100; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(secondsPerStart));
            queue.Leave(Waiting());
        }

        Assert.Equal(expected, queue.RetryAfter().TotalSeconds, 1);
    }

    [Fact]
    public void RetryAfter_NothingMeasuredYet_IsShort()
        => Assert.Equal(TimeSpan.FromSeconds(1), new QueueGauge(10, 10, _clock).RetryAfter());

    [Fact]
    public void RetryAfter_QueueStopsMoving_Grows()
    {
        var queue = new QueueGauge(limit: 100, tenantLimit: 100, _clock);
        for (int i = 0; i < 50; i++)
        {
            queue.TryEnter("");
        }

        _clock.Advance(TimeSpan.FromSeconds(0.1));
        queue.Leave(Waiting());
        TimeSpan moving = queue.RetryAfter();
        _clock.Advance(TimeSpan.FromSeconds(20));

        Assert.True(queue.RetryAfter() > moving);
    }

    private static Sequence Waiting() => new(
        1, new GenerationRequest { PromptTokens = [1] }, 1, 0, new GenerationOutput(new GenerationStream(), []), 0, CancellationToken.None);
}
