namespace CacheProxy.SemanticCache.Policies;

/// <summary>The last word on a candidate. Safe to call from many threads.</summary>
public interface ISemanticPolicy
{
    string Name { get; }

    PolicyVerdict Decide(SemanticEvidence evidence);
}
