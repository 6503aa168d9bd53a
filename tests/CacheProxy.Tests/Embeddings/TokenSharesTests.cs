using CacheProxy.Embeddings;

namespace CacheProxy.Tests.Embeddings;

public class TokenSharesTests
{
    [Theory]
    [InlineData(7, new[] { 30 }, new[] { 7 })]
    [InlineData(10, new[] { 5, 5 }, new[] { 5, 5 })]
    [InlineData(10, new[] { 1, 2, 7 }, new[] { 1, 2, 7 })]
    [InlineData(1, new[] { 1, 1, 1 }, new[] { 0, 0, 1 })]
    [InlineData(4, new[] { 0, 3 }, new[] { 1, 3 })]
    [InlineData(-1, new[] { 1, 2 }, new[] { -1, -1 })]
    public void Shares_GoByWeightAndAddUp(long tokens, int[] weights, int[] expected)
        => Assert.Equal(expected, TokenShares.Of(tokens, weights));

    [Fact]
    public void Shares_OfAnyBatch_AddUpToWhatWasReported()
    {
        var random = new Random(3);
        for (int i = 0; i < 1000; i++)
        {
            int[] weights = [.. Enumerable.Range(0, random.Next(1, 50)).Select(_ => random.Next(0, 1 << random.Next(1, 30)))];
            long tokens = random.Next();

            int[] shares = TokenShares.Of(tokens, weights);

            Assert.Equal(tokens, shares.Sum(share => (long)share));
            Assert.All(shares, share => Assert.True(share >= 0));
        }
    }
}
