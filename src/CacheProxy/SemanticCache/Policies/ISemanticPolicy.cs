using CacheProxy.SemanticCache.Scoring;

namespace CacheProxy.SemanticCache.Policies;

/// <summary>The last word on a candidate. Safe to call from many threads; decides from memory, in microseconds.</summary>
public interface ISemanticPolicy
{
    string Name { get; }

    PolicyVerdict Decide(in PolicyScope scope, in SemanticEvidence evidence);
}
