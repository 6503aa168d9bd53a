using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Scheduling;

namespace CacheProxy.Inference.Server;

/// <summary>How the backend listens and what it serves.</summary>
public sealed record InferenceServerOptions
{
    /// <summary>Where it listens; port 0 takes a free one. Default http://127.0.0.1:8081.</summary>
    public string Url { get; init; } = "http://127.0.0.1:8081";

    /// <summary>Folder of <c>models.json</c>, the manifest of the bundled models.</summary>
    public string ModelsFolder { get; init; } = "config/models";

    /// <summary>A GGUF file or a model folder to serve instead of the manifest's chat model; null: the manifest's.</summary>
    public string? ModelPath { get; init; }

    /// <summary>Name under which <see cref="ModelPath"/> is served; null: its file name.</summary>
    public string? ModelName { get; init; }

    /// <summary>
    /// Tokens that an answer may have where its request names no most: a small model that does not come to an end would go on to the end of its
    /// context. Such an answer ends with the reason <c>length</c>. 0: what the context has room for. Default 2048.
    /// </summary>
    public int DefaultMaxTokens { get; init; } = 2048;

    /// <summary>The largest request body; beyond it the answer is 413. Default 16 MiB.</summary>
    public long MaxBodyBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Open connections; more wait to be accepted. Default 4096.</summary>
    public int MaxConnections { get; init; } = 4096;

    /// <summary>Check size and sha256 of the bundled models before loading them (0.2 s). Off where the caller has done so. Default on.</summary>
    public bool VerifyModels { get; init; } = true;

    /// <summary>Limits of the scheduler; its waiting limit is where answers become 429.</summary>
    public SchedulingOptions Scheduling { get; init; } = new();

    /// <summary>KV pool, step size and threads of the model.</summary>
    public ModelRunnerOptions Runner { get; init; } = new();

    /// <summary>Pins, and the tiers behind the pool: evicted KV blocks in memory and on disk. Default: no tiers.</summary>
    public KvCacheOptions Cache { get; init; } = new();

    /// <summary>Seconds that answers under way get when the server stops. Default 10.</summary>
    public double DrainSeconds { get; init; } = 10;
}
