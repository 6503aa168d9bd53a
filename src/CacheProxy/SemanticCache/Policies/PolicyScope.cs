using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache.Policies;

/// <summary>Whose candidate a policy is asked about: what rules match and what observations are pooled by.</summary>
/// <param name="Tenant">The scope's hash, 64 hex digits.</param>
/// <param name="Model">As the client names it.</param>
/// <param name="Route">Name of the route that the model takes; empty: none.</param>
/// <param name="Namespace">Of the request; empty: the common one.</param>
/// <param name="Tags">Of the request.</param>
/// <param name="Partition">Everything of the request but its question.</param>
/// <param name="Entry">The candidate's entry.</param>
public readonly record struct PolicyScope(
    string Tenant, string Model, string Route, string Namespace, IReadOnlyList<string> Tags, Fingerprint256 Partition, Fingerprint256 Entry)
{
    /// <summary>The request's own fingerprint; zero: it has none.</summary>
    public Fingerprint256 Asked { get; init; }
}
