using CacheProxy.SemanticCache.Policies;
using CacheProxy.SemanticCache.Scoring;

namespace CacheProxy.Benchmarks.Streams;

/// <summary>Serves from a threshold on, of the cosine alone (no guard, no verifier counts) or of the cascade's own score.</summary>
internal sealed class HindsightPolicy(double threshold, bool byCosine) : ISemanticPolicy
{
    public bool ByCosine => byCosine;

    public string Name => "hindsight";

    public PolicyVerdict Decide(in PolicyScope scope, in SemanticEvidence evidence)
    {
        double score = byCosine ? evidence.Cosine : evidence.Probability;
        return new PolicyVerdict(score >= threshold, score, threshold);
    }

    /// <summary>What every threshold would have done.</summary>
    public static IReadOnlyList<StreamCounts> Sweep(StreamWorld world, int[] stream, bool byCosine)
        => [.. (byCosine ? Cosines : Scores).Select(threshold => StreamRunner.Run(world, stream, new HindsightPolicy(threshold, byCosine), 0, new Random(1)).All)];

    /// <summary>The most hits of any threshold whose error over all requests is within the bound.</summary>
    public static double BestHits(IReadOnlyList<StreamCounts> sweep, double bound)
        => sweep.Where(counts => counts.Error <= bound).Select(counts => counts.Hits).DefaultIfEmpty(0).Max();

    private static readonly double[] Cosines = [.. Enumerable.Range(0, 80).Select(i => 0.6 + (i * 0.005))];

    private static readonly double[] Scores = [.. Enumerable.Range(-16, 70).Select(i => 1 / (1 + Math.Exp(-i / 8.0)))];
}
