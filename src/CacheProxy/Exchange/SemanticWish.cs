namespace CacheProxy.Exchange;

/// <summary>What the client says about semantic hits (<c>X-CacheProxy-Semantic</c>). It can only tighten what the configuration allows.</summary>
/// <param name="IsOff">No semantic hit for this request.</param>
/// <param name="MinimumSimilarity">Cosine below which a neighbour must not answer; 0: the client has no wish.</param>
public readonly record struct SemanticWish(bool IsOff, float MinimumSimilarity);
