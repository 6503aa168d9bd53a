using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Scoring;

/// <summary>What the words of two questions show at a glance, without a model. All shares are 0..1 and the same both ways round.</summary>
/// <param name="Shared">Meaningful words that both have, of all that either has.</param>
/// <param name="LengthRatio">Words of the shorter question to those of the longer one.</param>
public readonly record struct PairFeatures(float Shared, float LengthRatio)
{
    public static PairFeatures Read(QuestionText cached, QuestionText asked)
    {
        int common = cached.ContentStems.Count(asked.ContentStems.Contains);
        int all = cached.ContentStems.Count + asked.ContentStems.Count - common;
        int shorter = Math.Min(cached.Tokens.Count, asked.Tokens.Count), longer = Math.Max(cached.Tokens.Count, asked.Tokens.Count);
        return new PairFeatures(all == 0 ? 0 : (float)common / all, longer == 0 ? 0 : (float)shorter / longer);
    }
}
