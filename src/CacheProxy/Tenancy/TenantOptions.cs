using System.ComponentModel.DataAnnotations;

namespace CacheProxy.Tenancy;

/// <summary>Who shares answers with whom. Section <c>Tenants</c>.</summary>
public sealed class TenantOptions
{
    public const string Section = "Tenants";

    /// <summary>
    /// <c>key</c> (default): everyone with the same API key. <c>user</c>: of those, everyone with the same <c>user</c> field.
    /// <c>shared</c>: everyone, whatever the key.
    /// </summary>
    public ScopeMode Scope { get; set; } = ScopeMode.Key;

    /// <summary>
    /// What fingerprints and scopes are keyed with: at least 32 characters. Several proxies that share Redis must have the same one.
    /// Empty (the default): a random one, kept in the data folder.
    /// </summary>
    [RegularExpression(".{32,}|")]
    public string Secret { get; set; } = "";

    /// <summary>
    /// Names for API keys, for whoever reads ledger, budgets, metrics and dashboard. Default: none, each key goes by the first 16 hex digits of its hash.
    /// A changed list counts at once.
    /// </summary>
    public List<TenantName> Names { get; } = [];
}
