using System.Numerics.Tensors;
using CacheProxy.Pipeline;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Cascade;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Truth;
using CacheProxy.Tuning;
using CacheProxy.Tuning.Pairs;

namespace CacheProxy.Benchmarks.Prefilter;

/// <summary>Which share of what the cascade serves lies below which static cosine, with its 95 % interval, over pairs that are right.</summary>
internal static class LostHits
{
    private static readonly float[] Cuts = [0.5f, 0.55f, 0.6f, 0.65f, 0.7f, 0.75f];

    public static async Task PrintAsync(LabelledPair[] pairs, int judged, BundledStaticEmbedder staticEmbedder, CancellationToken cancellationToken)
    {
        LabelledPair[] positives = [.. pairs.Where(pair => pair.IsSame)];
        new Random(2).Shuffle(positives);
        using IWorkbench workbench = Workbench.Open(null);
        using CascadeSession session = workbench.OpenCascade(new SemanticOptions { Prefilter = false }, isThorough: false);
        QuestionPair[] asked = [.. positives.Take(judged).Select(pair => new QuestionPair(pair.Cached, pair.Asked))];
        IReadOnlyList<PairVerdict> verdicts = await session.Cascade.JudgeAsync(asked, cancellationToken);
        float[] served = [.. asked.Where((_, i) => verdicts[i].Serves).Select(pair => Cosine(staticEmbedder, pair))];
        Console.WriteLine($"{served.Length:N0} of {asked.Length:N0} right pairs served without static vectors; of these lost");
        foreach (float cut in Cuts)
        {
            int lost = served.Count(cosine => cosine < cut);
            WilsonInterval interval = WilsonInterval.Of(lost, Math.Max(1, served.Length));
            Console.WriteLine($"  at {cut:F2}: {lost,4} = {lost * 100.0 / Math.Max(1, served.Length):F2} % (95 %: {interval.Lower * 100:F2} to {interval.Upper * 100:F2} %)");
        }
    }

    // Where a text has no vector the static vectors step aside: nothing is lost.
    private static float Cosine(BundledStaticEmbedder embedder, QuestionPair pair)
    {
        float[] left = new float[embedder.Dimensions], right = new float[embedder.Dimensions];
        return embedder.TryEmbed(pair.Cached, left) && embedder.TryEmbed(pair.Asked, right) ? TensorPrimitives.Dot<float>(left, right) : 1;
    }
}
