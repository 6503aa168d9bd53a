using System.ComponentModel.DataAnnotations;

namespace CacheProxy.Forward;

/// <summary>The bundled inference backend. Section <c>Backend</c>.</summary>
public sealed class BackendOptions
{
    public const string Section = "Backend";

    /// <summary>The name under which the backend is the default upstream.</summary>
    public const string UpstreamName = "backend";

    /// <summary>Where the backend listens and the proxy finds it. Default <c>http://127.0.0.1:8081</c>.</summary>
    [Required]
    [Url]
    public string Url { get; set; } = "http://127.0.0.1:8081";

    /// <summary><c>embedded</c> (default): it runs inside this process. <c>none</c>: it runs elsewhere, or <c>Upstreams</c> names others.</summary>
    public BackendMode Mode { get; set; } = BackendMode.Embedded;

    /// <summary>Memory beside the embedded backend's KV pool for blocks evicted from it, in MiB; taken as it fills. Default 256; 0: none.</summary>
    [Range(0, 1 << 20)]
    public int KvRamMegabytes { get; set; } = 256;

    /// <summary>Disk for KV blocks that fall out of memory, in MiB; they survive a restart. Default 0: none. Needs <see cref="KvDiskPath"/>.</summary>
    [Range(0, 1 << 24)]
    public int KvDiskMegabytes { get; set; }

    /// <summary>Folder of those blocks, this backend's alone. Where it cannot be written to, the backend goes without. Default: none.</summary>
    public string KvDiskPath { get; set; } = "";
}
