using System.Globalization;

namespace CacheProxy.Inference.TestKit.Soak;

/// <summary>What came of a soak.</summary>
/// <param name="Problems">Lost or failed requests, blocks not given back, memory that grew; empty when all is well.</param>
/// <param name="HeapGrowthBytes">Live managed memory at the end beyond that after the first quarter.</param>
public sealed record SoakReport(
    IReadOnlyDictionary<SoakOutcome, int> Outcomes,
    IReadOnlyList<double> FirstTokenSeconds,
    long Tokens,
    TimeSpan Duration,
    long HeapGrowthBytes,
    IReadOnlyList<string> Problems)
{
    public override string ToString()
    {
        string outcomes = string.Join(", ", Outcomes.OrderBy(pair => pair.Key).Select(pair => $"{pair.Value} {pair.Key}"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {Outcomes.Values.Sum()} requests in {Duration.TotalSeconds:F0} s: {outcomes}
            first token p50 {Percentile(0.5) * 1e3:F0} ms, p99 {Percentile(0.99) * 1e3:F0} ms; {Tokens / Duration.TotalSeconds:F0} tokens/s
            live managed memory grew by {HeapGrowthBytes / 1048576.0:F1} MiB since the first quarter
            {(Problems.Count == 0 ? "no leak, every request answered" : string.Join('\n', Problems))}
            """);
    }

    public double Percentile(double fraction)
    {
        double[] sorted = [.. FirstTokenSeconds.Order()];
        return sorted.Length == 0 ? 0 : sorted[(int)Math.Round(fraction * (sorted.Length - 1))];
    }
}
