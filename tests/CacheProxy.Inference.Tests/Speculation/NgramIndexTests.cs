using CacheProxy.Inference.Speculation;

namespace CacheProxy.Inference.Tests.Speculation;

public sealed class NgramIndexTests
{
    [Fact]
    public void Find_LongestAgreement_WinsOverTheNewest()
    {
        int[] tokens = [9, 1, 2, 3, 70, 8, 1, 2, 3, 71, 9, 1, 2, 3];

        int position = new NgramIndex().Find(tokens, tokens.Length, out int matched);

        Assert.Equal((4, 4), (position, matched));
    }

    [Fact]
    public void Find_EqualAgreement_TakesTheNewest()
    {
        int[] tokens = [8, 1, 2, 3, 70, 7, 1, 2, 3, 71, 9, 1, 2, 3];

        Assert.Equal(9, new NgramIndex().Find(tokens, tokens.Length, out _));
    }

    [Theory]
    [InlineData(new int[0])]
    [InlineData(new[] { 1, 2, 3 })]
    [InlineData(new[] { 1, 2, 3, 4, 5, 6 })]
    [InlineData(new[] { 1, 2, 9, 1, 2 })]
    public void Find_NoEarlierPlace_IsNone(int[] tokens)
    {
        Assert.Equal(-1, new NgramIndex().Find(tokens, 64, out int matched));
        Assert.Equal(0, matched);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Find_GrowingSequence_FindsWhatASearchThroughAllFinds(int seed)
    {
        var random = new Random(seed);
        var tokens = new List<int>();
        var index = new NgramIndex();
        for (int capacity = 64; tokens.Count < 600; capacity *= 2)
        {
            while (tokens.Count < Math.Min(capacity, 600))
            {
                tokens.Add(random.Next(3 + seed));
                if (random.Next(3) == 0)
                {
                    continue;
                }

                int position = index.Find([.. tokens], capacity, out int matched);
                int longest = LongestBySearch(tokens);
                Assert.Equal(longest > 0, position >= 0);
                if (position >= 0)
                {
                    // Only so many places are looked at, so a longer agreement may be missed, but what is found is true.
                    Assert.InRange(matched, NgramIndex.MinMatch, longest);
                    Assert.Equal(tokens[^matched..], tokens[(position - matched)..position]);
                }
            }
        }
    }

    [Fact]
    public void Find_WithinItsCapacity_AllocatesNothing()
    {
        int[] tokens = [.. Enumerable.Range(0, 4000).Select(i => i * 7919 % 50)];
        var index = new NgramIndex();
        index.Find(tokens.AsSpan(0, 100), tokens.Length, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int length = 101; length <= tokens.Length; length++)
        {
            index.Find(tokens.AsSpan(0, length), tokens.Length, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static int LongestBySearch(List<int> tokens)
    {
        int longest = 0;
        for (int end = NgramIndex.MinMatch; end < tokens.Count; end++)
        {
            int agreeing = 0;
            while (agreeing < Math.Min(end, NgramIndex.MaxMatch) && tokens[end - 1 - agreeing] == tokens[^(agreeing + 1)])
            {
                agreeing++;
            }

            longest = agreeing >= NgramIndex.MinMatch ? Math.Max(longest, agreeing) : longest;
        }

        return longest;
    }
}
