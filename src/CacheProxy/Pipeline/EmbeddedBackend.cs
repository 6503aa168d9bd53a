using CacheProxy.Forward;
using Microsoft.Extensions.Options;

namespace CacheProxy.Pipeline;

/// <summary>The inference backend inside this process: a second Kestrel, spoken to over HTTP like any other upstream.</summary>
public sealed class EmbeddedBackend(IOptions<BackendOptions> options)
{
    /// <summary>Whether a miss can be answered, and the word for it.</summary>
    public (bool IsReady, string Reason) State => options.Value.Mode == BackendMode.None ? (true, "ready") : (true, "ready");
}
