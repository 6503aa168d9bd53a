namespace CacheProxy.SemanticCache.Policies;

/// <param name="Serves">The candidate's answer may be served.</param>
/// <param name="Score">By which candidates are ranked.</param>
/// <param name="Threshold">The score that was needed.</param>
public readonly record struct PolicyVerdict(bool Serves, double Score, double Threshold);
