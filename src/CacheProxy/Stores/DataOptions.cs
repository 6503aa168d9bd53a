using System.ComponentModel.DataAnnotations;

namespace CacheProxy.Stores;

/// <summary>Where this machine keeps what outlives a restart. Section <c>Data</c>.</summary>
public sealed class DataOptions
{
    public const string Section = "Data";

    /// <summary>Folder of the stores and the ledger; made if absent, readable by its owner only; one that cannot be made stops the start. Empty: <c>cacheproxy</c> under the user's data folder.</summary>
    public string Path { get; set; } = "";

    /// <summary>The exact tier's file keeps at most so many MiB of entries; beyond it the least recently used leave. Default 2 GiB.</summary>
    [Range(1, 1 << 24)]
    public int EntriesMegabytes { get; set; } = 2048;

    /// <summary>Milliseconds that a look-up on disk may take; beyond it the request goes on as a miss. Default 50.</summary>
    [Range(1, 60_000)]
    public int BudgetMilliseconds { get; set; } = 50;

    /// <summary>The folder, absolute.</summary>
    public string ResolvePath() => System.IO.Path.GetFullPath(Path.Length > 0
        ? Path
        : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "cacheproxy"));
}
