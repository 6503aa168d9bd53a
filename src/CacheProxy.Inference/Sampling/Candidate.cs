namespace CacheProxy.Inference.Sampling;

/// <summary>A token and its weight (logit or unnormalised probability).</summary>
public readonly record struct Candidate(int Token, float Weight)
{
    /// <summary>The total order of all selections: heavier first, then the smaller id, so equal weights never depend on their place.</summary>
    public bool IsBefore(Candidate other) =>
        Weight > other.Weight || (Weight == other.Weight && Token < other.Token);
}
