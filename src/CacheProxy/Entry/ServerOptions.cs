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

    /// <summary>
    /// Bytes per second that a request's body must bring, counted from <see cref="BodyGraceSeconds"/> after its start; a slower one is answered
    /// with 408 and its connection closed. Default 240; 0 waits for ever. Counts from the next start.
    /// </summary>
    [Range(0, 1 << 30)]
    public int MinBodyBytesPerSecond { get; set; } = 240;

    /// <summary>Seconds that a body may be slower at its start. At least 2, because the rate is looked at once a second. Default 5. Counts from the next start.</summary>
    [Range(2, 3600)]
    public int BodyGraceSeconds { get; set; } = 5;

    /// <summary>Seconds in which a request's line and headers must be there; else its connection is answered with 408 and closed. Default 30. Counts from the next start.</summary>
    [Range(1, 3600)]
    public int HeaderTimeoutSeconds { get; set; } = 30;

    /// <summary>
    /// Addresses of <c>http://</c> speak HTTP/2 without TLS (h2c with prior knowledge) and nothing else: for a load balancer in front. Addresses
    /// of <c>https://</c> offer both versions in any case. Default false. Counts from the next start.
    /// </summary>
    public bool Http2Only { get; set; }

    /// <summary>The certificate for addresses of <c>https://</c>: a PEM file that holds the chain, with <see cref="CertificateKeyPath"/>. Default: none. Counts from the next start.</summary>
    public string CertificatePath { get; set; } = "";

    /// <summary>The certificate's private key, a PEM file without a password. Counts from the next start.</summary>
    public string CertificateKeyPath { get; set; } = "";

    /// <summary>Seconds that requests under way get to finish after a stop was asked for; then they are cut. Default 30.</summary>
    [Range(0, 3600)]
    public int DrainSeconds { get; set; } = 30;
}
