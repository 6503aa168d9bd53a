using CacheProxy.Exchange;

namespace CacheProxy.Benchmarks.Eviction;

/// <summary>
/// Popularity by Zipf's law that shifts now and then, interrupted by scans: runs of questions that are asked once. What an answer weighs and
/// costs is drawn log-normal, independently of each other and of its popularity, or taken from the lengths of real requests.
/// </summary>
internal static class SyntheticTraces
{
    private const int ScanLength = 200;

    // Seconds per token of a model that reads 5,000 and writes 50 a second.
    private const double ReadSeconds = 0.0002;
    private const double WriteSeconds = 0.02;

    // An answer's JSON around its text, and its text.
    private const int FrameBytes = 700;
    private const int BytesPerToken = 5;

    /// <param name="exponent">Zipf's.</param>
    /// <param name="scanShare">Part of the requests that belong to scans.</param>
    /// <param name="shifts">How often a tenth of the questions change places.</param>
    /// <param name="lengths">Prompt and completion tokens to draw from; null: log-normal.</param>
    public static CostTrace Create(
        string name, double exponent, int questions, int requests, double scanShare, int shifts, int seed, IReadOnlyList<(int Prompt, int Completion)>? lengths = null)
    {
        var random = new Random(seed);
        int[] ranks = [.. Enumerable.Range(0, questions)];
        random.Shuffle(ranks);
        double[] cumulative = new double[questions];
        double sum = 0;
        for (int i = 0; i < questions; i++)
        {
            cumulative[i] = sum += Math.Pow(i + 1, -exponent);
        }

        var entries = new List<CacheEntry>();
        for (int i = 0; i < questions; i++)
        {
            entries.Add(Draw(i, random, lengths));
        }

        var asked = new List<int>(requests);
        while (asked.Count < requests)
        {
            if (shifts > 0 && random.NextDouble() < (double)shifts / requests)
            {
                Shift(ranks, random);
            }

            if (random.NextDouble() < scanShare / ScanLength)
            {
                for (int i = 0; i < ScanLength; i++)
                {
                    asked.Add(entries.Count);
                    entries.Add(Draw(entries.Count, random, lengths));
                }
            }

            int rank = Array.BinarySearch(cumulative, random.NextDouble() * sum);
            asked.Add(ranks[Math.Min(rank < 0 ? ~rank : rank, questions - 1)]);
        }

        return new CostTrace(name, entries, asked);
    }

    /// <summary>An entry as long, and as costly, as a real request was.</summary>
    public static CacheEntry Entry(int number, int promptTokens, int completionTokens)
        => CostTrace.Entry(
            number, FrameBytes + (completionTokens * BytesPerToken), promptTokens, completionTokens, (promptTokens * ReadSeconds) + (completionTokens * WriteSeconds));

    private static CacheEntry Draw(int number, Random random, IReadOnlyList<(int Prompt, int Completion)>? lengths)
    {
        if (lengths is not null)
        {
            (int prompt, int completion) = lengths[random.Next(lengths.Count)];
            return Entry(number, prompt, completion);
        }

        // Medians of 1.5 KB and 1.5 s; the widest tenth differ from the narrowest by a factor of 13 and 22.
        int bytes = FrameBytes + (int)Math.Min(200_000, Math.Exp(7.3 + Normal(random)));
        return CostTrace.Entry(number, bytes, 0, 0, Math.Exp(0.4 + (1.2 * Normal(random))));
    }

    private static void Shift(int[] ranks, Random random)
    {
        for (int i = 0; i < ranks.Length / 10; i++)
        {
            (int left, int right) = (random.Next(ranks.Length), random.Next(ranks.Length));
            (ranks[left], ranks[right]) = (ranks[right], ranks[left]);
        }
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
