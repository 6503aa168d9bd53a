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
}
