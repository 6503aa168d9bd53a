namespace CacheProxy.SemanticCache.Policies;

/// <param name="Serves">The candidate's answer may be served.</param>
/// <param name="Score">By which candidates are ranked.</param>
/// <param name="Threshold">The score that was needed.</param>
/// <param name="Explores">Not served, so that the upstream's answer tells whether it would have been right.</param>
/// <param name="WouldServe">Good enough to be served; where <paramref name="Serves"/> is false, something else forbids it.</param>
/// <param name="Audits">Served, and to be compared with the upstream's own answer behind the client's back.</param>
public readonly record struct PolicyVerdict(bool Serves, double Score, double Threshold, bool Explores = false, bool WouldServe = false, bool Audits = false);
