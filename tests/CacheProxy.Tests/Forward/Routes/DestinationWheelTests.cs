using CacheProxy.Exchange.Routes;
using CacheProxy.Forward.Routes;

namespace CacheProxy.Tests.Forward.Routes;

public class DestinationWheelTests
{
    [Fact]
    public void Turns_OfAHeavyOne_AreSpread()
    {
        var sut = new DestinationWheel([Weighing("a", 5), Weighing("b", 1), Weighing("c", 1)]);

        Assert.Equal([0, 0, 1, 0, 2, 0, 0], Turns(sut, 7));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 7)]
    [InlineData(1, 1000)]
    public void Turns_AreAsManyAsTheWeights(int first, int second)
    {
        var sut = new DestinationWheel([Weighing("a", first), Weighing("b", second)]);

        int[] turns = Turns(sut, 3 * (first + second));

        Assert.Equal(3 * first, turns.Count(turn => turn == 0));
    }

    [Fact]
    public void One_ThatIsLeftOut_SavesUpNoTurns()
    {
        var sut = new DestinationWheel([Weighing("a", 1), Weighing("b", 1)]);

        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(1, sut.Next(destination => destination.Target.Name == "b"));
        }

        Assert.Equal(2, Turns(sut, 4).Count(turn => turn == 0));
        Assert.Equal(-1, sut.Next(_ => false));
    }

    [Fact]
    public void Turns_OfManyThreads_AreAsManyAsTheWeights()
    {
        var sut = new DestinationWheel([Weighing("a", 3), Weighing("b", 1)]);
        int first = 0;

        Parallel.For(0, 4000, _ => Interlocked.Add(ref first, sut.Next(_ => true) == 0 ? 1 : 0));

        Assert.Equal(3000, first);
    }

    private static int[] Turns(DestinationWheel sut, int count) => [.. Enumerable.Range(0, count).Select(_ => sut.Next(_ => true))];

    private static UpstreamDestination Weighing(string name, int weight)
        => new() { Target = new UpstreamTarget { Name = name, BaseUrl = "http://localhost" }, Weight = weight };
}
