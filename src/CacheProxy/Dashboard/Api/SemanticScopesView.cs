using CacheProxy.Admin;

namespace CacheProxy.Dashboard.Api;

/// <summary>How often each scope's semantic hits were wrong, those with the most hits first.</summary>
public sealed record SemanticScopesView(IReadOnlyList<ScopeErrorView> Scopes);
