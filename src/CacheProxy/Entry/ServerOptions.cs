using System.ComponentModel.DataAnnotations;

namespace CacheProxy.Entry;

/// <summary>Where the proxy listens and what it accepts. Section <c>Server</c>.</summary>
public sealed class ServerOptions
{
    public const string Section = "Server";

    /// <summary>The address to listen on; several are separated by <c>;</c>. Default <c>http://127.0.0.1:8080</c>.</summary>
    [Required]
    public string Url { get; set; } = "http://127.0.0.1:8080";

    /// <summary>The largest request body in bytes; a larger one is answered with 413. Default 16 MiB.</summary>
    [Range(1, 1 << 30)]
    public int MaxBodyBytes { get; set; } = 16 << 20;

    /// <summary>Seconds that requests under way get to finish after a stop was asked for; then they are cut. Default 30.</summary>
    [Range(0, 3600)]
    public int DrainSeconds { get; set; } = 30;
}
