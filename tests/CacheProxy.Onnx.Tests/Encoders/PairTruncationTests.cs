using CacheProxy.Onnx.Encoders;

namespace CacheProxy.Onnx.Tests.Encoders;

public sealed class PairTruncationTests
{
    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(30, 31, 30, 31)]
    [InlineData(31, 31, 30, 31)]
    [InlineData(10, 60, 10, 51)]
    [InlineData(60, 10, 51, 10)]
    [InlineData(30, 100, 30, 31)]
    [InlineData(31, 100, 30, 31)]
    [InlineData(100, 31, 31, 30)]
    [InlineData(61, 62, 30, 31)]
    [InlineData(100, 62, 31, 30)]
    [InlineData(0, 62, 0, 61)]
    [InlineData(62, 62, 30, 31)]
    public void Fit_InRoomFor61_CutsTheLonger(int first, int second, int keptFirst, int keptSecond) =>
        Assert.Equal((keptFirst, keptSecond), PairTruncation.Fit(first, second, 61));

    [Fact]
    public void Fit_AnyLengths_NeverGrowsAndUsesTheRoom()
    {
        for (int first = 0; first < 130; first++)
        {
            for (int second = 0; second < 130; second++)
            {
                (int a, int b) = PairTruncation.Fit(first, second, 61);
                Assert.True(a <= first && b <= second);
                Assert.Equal(Math.Min(61, first + second), a + b);
            }
        }
    }
}
