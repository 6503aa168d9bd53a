using CacheProxy.Exchange.Policies;
using CacheProxy.Ledger;
using CacheProxy.SemanticCache;

namespace CacheProxy.Tuning;

/// <summary>What the tools need of the program that is not running: its settings, and the cascade that they describe.</summary>
public interface IWorkbench : IDisposable
{
    /// <summary>The settings file; null: there is none, all settings are the defaults and the environment's.</summary>
    string? SettingsFile { get; }

    SemanticOptions Semantic { get; }

    ExactOptions Exact { get; }

    /// <summary>Folder of the stores and the observations.</summary>
    string DataFolder { get; }

    /// <summary>What was recorded of requests, beside a proxy that writes it or without one.</summary>
    /// <exception cref="WorkbenchException">There is none, or it cannot be read; names the file.</exception>
    ILedgerReader OpenLedger();

    /// <summary>The ids of a tenant's keys; null: the settings do not keep tenants apart by their keys.</summary>
    /// <param name="name">A name, or an id.</param>
    IReadOnlyList<string>? TenantIdsOf(string name);

    /// <summary>Loads the models: seconds.</summary>
    /// <param name="options">As <see cref="Semantic"/>, or changed for a trial.</param>
    /// <param name="isThorough">See <see cref="SemanticCache.Cascade.PairCascade.IsThorough"/>.</param>
    CascadeSession OpenCascade(SemanticOptions options, bool isThorough);

    /// <summary>What is wrong with a text in the place of the settings file; empty: nothing, a running proxy would take it.</summary>
    IReadOnlyCollection<string> FaultsOf(string settings);
}
