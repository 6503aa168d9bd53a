using CacheProxy.Exchange;
using CacheProxy.SemanticCache.Policies;
using CacheProxy.SemanticCache.Scoring;

namespace CacheProxy.SemanticCache.Truth;

/// <summary>The best candidate of one request, served or not: what an answer of the upstream's own is compared with.</summary>
/// <param name="Scope">Whose candidate; its entry holds the stored answer.</param>
/// <param name="Verdict">Of the policy that decided.</param>
/// <param name="Served">The client was given it.</param>
public sealed record SemanticTrial(PolicyScope Scope, SemanticEvidence Evidence, PolicyVerdict Verdict, bool Served)
{
    public Fingerprint256 Entry => Scope.Entry;
}
