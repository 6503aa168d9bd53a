namespace CacheProxy.Benchmarks.Streams;

/// <summary>Draws streams of questions: a class by Zipf's law (exponent 0.9), one of its wordings evenly.</summary>
internal static class StreamMaker
{
    private const double Exponent = 0.9;
    private const double BurstShare = 0.3;
    private const int BurstReach = 40;

    public static int[] Draw(StreamWorld world, StreamOrder order, int length, int seed)
    {
        var random = new Random(seed);
        int[][] classes = [.. Enumerable.Range(0, world.Count).GroupBy(text => world.Classes[text]).OrderBy(group => group.Key).Select(group => group.ToArray())];
        int[] ranks = [.. Enumerable.Range(0, classes.Length).OrderBy(_ => random.Next())];
        int[] laterRanks = order == StreamOrder.Drift ? [.. ranks.OrderByDescending(c => world.Partitions[classes[c][0]]).ThenBy(_ => random.Next())] : ranks;
        int[] earlyRanks = order == StreamOrder.Drift ? [.. ranks.OrderBy(c => world.Partitions[classes[c][0]])] : ranks;
        double[] cumulated = Cumulate(classes.Length);
        int[] stream = new int[length];
        int[] drawn = new int[length];
        for (int i = 0; i < length; i++)
        {
            bool again = order == StreamOrder.Bursts && i > 0 && random.NextDouble() < BurstShare;
            int chosen = again ? drawn[Math.Max(0, i - 1 - random.Next(BurstReach))] : (i < length / 2 ? earlyRanks : laterRanks)[Rank(cumulated, random)];
            drawn[i] = chosen;
            stream[i] = classes[chosen][random.Next(classes[chosen].Length)];
        }

        return stream;
    }

    private static double[] Cumulate(int count)
    {
        double[] cumulated = new double[count];
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            cumulated[i] = sum += 1 / Math.Pow(i + 1, Exponent);
        }

        return cumulated;
    }

    private static int Rank(double[] cumulated, Random random)
    {
        int at = Array.BinarySearch(cumulated, random.NextDouble() * cumulated[^1]);
        return Math.Min(at < 0 ? ~at : at, cumulated.Length - 1);
    }
}
