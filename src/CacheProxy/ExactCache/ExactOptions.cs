using System.ComponentModel.DataAnnotations;

namespace CacheProxy.ExactCache;

/// <summary>How long answers live and how much room they get. Section <c>Exact</c>.</summary>
public sealed class ExactOptions
{
    public const string Section = "Exact";

    /// <summary>Seconds that an answer is fresh, unless the request says less. Default: one hour.</summary>
    [Range(0, int.MaxValue)]
    public int TtlSeconds { get; set; } = 3600;

    /// <summary>Seconds after the TTL during which a stale answer is served while one refresh runs. Default 0: never.</summary>
    [Range(0, int.MaxValue)]
    public int StaleWhileRevalidateSeconds { get; set; }

    /// <summary>Seconds after the TTL during which a stale answer is served when the upstream fails. Default 0: never.</summary>
    [Range(0, int.MaxValue)]
    public int StaleIfErrorSeconds { get; set; }

    /// <summary>Entries in this process take at most so much memory; beyond it the least useful leave. Default 128 MiB; 0 keeps none.</summary>
    [Range(0, 1 << 20)]
    public int MemoryMegabytes { get; set; } = 128;
}
