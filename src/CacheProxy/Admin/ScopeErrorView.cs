using CacheProxy.SemanticCache.Truth;
using CacheProxy.Tenancy;

namespace CacheProxy.Admin;

/// <summary>A scope's running error as <c>/admin/semantic</c> shows it.</summary>
/// <param name="Tenant">The scope's hash.</param>
/// <param name="TenantName">As figures have it: the name of its key, or the key's id.</param>
/// <param name="Requests">Looked up.</param>
/// <param name="Audited">Of the served, compared with the upstream's own answer.</param>
/// <param name="SaidWrong">By users.</param>
/// <param name="WrongOfServed">Estimate of the audits; null: none was audited.</param>
/// <param name="WrongOfServedLow">95 % interval.</param>
/// <param name="WrongOfRequestsLow">95 % interval.</param>
/// <param name="ExactOnlySince">Null: its hits are served.</param>
public sealed record ScopeErrorView(
    string Tenant, string TenantName, string Model, string Policy, long Requests, long Served, long Audited, long Wrong, long SaidWrong,
    double? WrongOfServed, double WrongOfServedLow, double WrongOfServedHigh, double WrongOfRequestsLow, double WrongOfRequestsHigh, DateTimeOffset? ExactOnlySince)
{
    public static ScopeErrorView From(ScopeError error, TenantNames names) => new(
        error.Key.Tenant, names.NameOfScope(error.Key.Tenant), error.Key.Model, error.Key.Policy, error.Requests, error.Served, error.Right + error.Wrong, error.Wrong, error.SaidWrong,
        error.Estimate, error.OfServed.Lower, error.OfServed.Upper, error.OfRequests.Lower, error.OfRequests.Upper, error.ExactOnlySince);
}
