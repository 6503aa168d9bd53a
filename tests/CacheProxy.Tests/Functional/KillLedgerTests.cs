using CacheProxy.TestKit;

namespace CacheProxy.Tests.Functional;

public sealed class KillLedgerTests
{
    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [InlineData(1001, false)]
    [InlineData(999, true)]
    [InlineData(0, true)]
    public void Answer_BeforeItsRoundsKill_IsOfTheLastSecondWhenItWas(int millisecondsBefore, bool expected)
    {
        var ledger = new KillLedger(_clock);
        ledger.Answered("q", ledger.Round);
        _clock.Advance(TimeSpan.FromMilliseconds(millisecondsBefore));
        ledger.Killed();

        Assert.Equal(expected, ledger.IsOfTheLastSecond(0));
    }

    [Fact]
    public void Answer_ReadAfterItsRoundsKill_IsOfThatRoundsLastSecondAlsoWhenTheNextHasEnded()
    {
        var ledger = new KillLedger(_clock);
        int asked = ledger.Round;
        ledger.Killed();
        _clock.Advance(TimeSpan.FromMilliseconds(3));
        ledger.Answered("q", asked);
        Assert.True(ledger.IsOfTheLastSecond(0));

        _clock.Advance(TimeSpan.FromSeconds(10));
        ledger.Killed();

        Assert.True(ledger.IsOfTheLastSecond(0));
    }

    [Fact]
    public void Answer_OfAnEarlierRound_IsMeasuredByThatRoundsKill()
    {
        var ledger = new KillLedger(_clock);
        ledger.Answered("early", ledger.Round);
        _clock.Advance(TimeSpan.FromSeconds(2));
        ledger.Answered("late", ledger.Round);
        ledger.Killed();
        _clock.Advance(TimeSpan.FromSeconds(2));
        ledger.Killed();

        Assert.False(ledger.IsOfTheLastSecond(0));
        Assert.True(ledger.IsOfTheLastSecond(1));
    }
}
