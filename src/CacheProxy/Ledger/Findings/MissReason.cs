namespace CacheProxy.Ledger.Findings;

/// <summary>Requests that went upstream, by what kept them from a hit, or from being one for others.</summary>
/// <param name="Kind"><c>bypass</c>: never looked up or never stored; <c>refused</c>: over a budget; <c>not_stored</c>: the answer became no entry; <c>expired</c>: too old; <c>semantic</c>: not looked up by its meaning; <c>new</c>: nothing alike was stored.</param>
/// <param name="Reason">The snake_case name that headers and metrics have for it; empty for <c>expired</c> and <c>new</c>.</param>
public sealed record MissReason(FindingScope Scope, string Kind, string Reason, long Count);
