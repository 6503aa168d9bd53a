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

    /// <summary>The most hits of any threshold whose error over all requests is within the bound.</summary>
    public static StreamCounts? Best(StreamWorld world, int[] stream, bool byCosine, double bound)
    {
        StreamCounts? best = null;
        foreach (double threshold in byCosine ? Cosines : Scores)
        {
            StreamCounts result = StreamRunner.Run(world, stream, new HindsightPolicy(threshold, byCosine), 0, new Random(1)).All;
            best = result.Error <= bound && (best is null || result.Hits > best.Hits) ? result : best;
        }

        return best;
    }

    private static readonly double[] Cosines = [.. Enumerable.Range(0, 80).Select(i => 0.6 + (i * 0.005))];

    private static readonly double[] Scores = [.. Enumerable.Range(-16, 70).Select(i => 1 / (1 + Math.Exp(-i / 8.0)))];
}
