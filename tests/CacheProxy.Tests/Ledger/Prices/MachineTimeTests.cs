using CacheProxy.Ledger.Prices;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.Ledger.Prices;

public class MachineTimeTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void OneCall_IsChargedItsTime()
    {
        MachineTime machine = new(_clock);
        MachineTime.Share share = machine.Begin();
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(3, machine.End(share), 9);
    }

    [Fact]
    public void CallsTogether_ShareTheirTime()
    {
        // The first alone for 2 s, both for 4 s (2 s each), the second alone for 1 s: 4 + 3 = 7 s, as long as the machine was busy.
        MachineTime machine = new(_clock);
        MachineTime.Share first = machine.Begin();
        _clock.Advance(TimeSpan.FromSeconds(2));
        MachineTime.Share second = machine.Begin();
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(4, machine.End(first), 9);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, machine.End(second), 9);
    }

    [Fact]
    public void IdleTime_IsChargedToNobody()
    {
        MachineTime machine = new(_clock);
        _clock.Advance(TimeSpan.FromHours(1));
        MachineTime.Share share = machine.Begin();
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, machine.End(share), 9);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, machine.End(machine.Begin()), 9);
    }

    [Fact]
    public void RandomCalls_AddUpToTheBusyTime()
    {
        var random = new Random(10);
        MachineTime machine = new(_clock);
        var running = new List<MachineTime.Share>();
        double charged = 0, busy = 0;
        for (int i = 0; i < 5000; i++)
        {
            if (running.Count == 0 || random.Next(2) == 0)
            {
                running.Add(machine.Begin());
            }
            else
            {
                int at = random.Next(running.Count);
                charged += machine.End(running[at]);
                running.RemoveAt(at);
            }

            int milliseconds = random.Next(500);
            busy += running.Count > 0 ? milliseconds / 1000.0 : 0;
            _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        }

        charged += running.Sum(machine.End);
        Assert.Equal(busy, charged, 6);
    }

    [Theory]
    // 36 s of a machine of 2 dollars an hour: 36 / 3,600 x 2 = 0.02 dollars.
    [InlineData(36.0, 2.0, 20_000_000L)]
    [InlineData(0.0, 2.0, 0L)]
    [InlineData(36.0, null, null)]
    [InlineData(null, 2.0, null)]
    [InlineData(double.NaN, 2.0, null)]
    [InlineData(-1.0, 2.0, null)]
    [InlineData(double.PositiveInfinity, 2.0, null)]
    [InlineData(1e300, 2.0, null)]
    public void Price_IsTheHoursPart(double? seconds, double? perHour, long? nanodollars)
        => Assert.Equal(nanodollars, MachinePrice.Of(seconds, (decimal?)perHour)?.Nanodollars);
}
