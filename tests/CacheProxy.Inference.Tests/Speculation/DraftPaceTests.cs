using CacheProxy.Inference.Speculation;

namespace CacheProxy.Inference.Tests.Speculation;

public sealed class DraftPaceTests
{
    [Fact]
    public void Limit_EverythingRight_DoublesUpToTheMost()
    {
        var pace = new DraftPace();
        var lengths = new List<int>();
        for (int i = 0; i < 12; i++)
        {
            int length = pace.Limit(breakEven: 0.15);
            lengths.Add(length);
            pace.Learn(length, length, 0.15, most: 16);
        }

        Assert.Equal(4, lengths[0]);
        Assert.Equal(lengths.Order(), lengths);
        Assert.Equal(16, lengths[^1]);
    }

    [Fact]
    public void Limit_NothingRight_ShrinksThenPausesLongerAndLonger()
    {
        var pace = new DraftPace();
        int guesses = 0;
        var pauses = new List<int>();
        int paused = 0;
        for (int step = 0; step < 1000; step++)
        {
            if (!pace.Advance())
            {
                paused++;
                continue;
            }

            if (paused > 0)
            {
                pauses.Add(paused);
                paused = 0;
            }

            int length = pace.Limit(0.15);
            guesses += length;
            if (length > 0)
            {
                pace.Learn(length, 0, 0.15, 16);
            }
        }

        // Even at a sixth of a step each, that is about half a percent of the thousand steps.
        Assert.InRange(guesses, 4, 36);
        Assert.Equal(pauses.Order(), pauses);
        Assert.Equal(64, pauses[^1]);
    }

    [Fact]
    public void Limit_ProbeIsRight_DraftsAgainAtOnce()
    {
        var pace = new DraftPace();
        for (int i = 0; i < 20; i++)
        {
            while (!pace.Advance())
            {
            }

            int tried = pace.Limit(0.15);
            pace.Learn(Math.Max(1, tried), 0, 0.15, 16);
        }

        while (!pace.Advance())
        {
        }

        Assert.Equal(1, pace.Limit(0.15));
        pace.Learn(1, 1, 0.15, 16);

        Assert.True(pace.Advance());
        Assert.InRange(pace.Limit(0.15), 1, 4);
    }

    [Theory]
    [InlineData(0.1, 4)]
    [InlineData(0.4, 2)]
    [InlineData(0.6, 1)]
    [InlineData(0.75, 0)]
    public void Limit_DearerRows_ShortenTheDraft(double breakEven, int length)
        => Assert.Equal(length, new DraftPace().Limit(breakEven));
}
