using System.ComponentModel.DataAnnotations;

namespace CacheProxy.Forward.Backend;

/// <summary>The bundled inference backend. Section <c>Backend</c>. All but the address is of the embedded one; it counts from the next start.</summary>
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

    /// <summary>GGUF file, or folder with config.json, tokenizer.json and safetensors, that the embedded backend serves. Default: the bundled chat model.</summary>
    public string Model { get; set; } = "";

    /// <summary>Name of <see cref="Model"/> in requests. Default: that of its file or folder.</summary>
    public string ModelName { get; set; } = "";

    /// <summary><c>auto</c> (default): a CUDA card where one is usable, else the CPU. <c>cpu</c>. <c>cuda</c>: the same as auto, with a warning where there is none.</summary>
    public BackendDevice Device { get; set; }

    /// <summary>Threads that compute. Default 0: one per processor.</summary>
    [Range(0, 1024)]
    public int Threads { get; set; }

    /// <summary>Sequences generated at once; more wait. Default 64.</summary>
    [Range(1, 65536)]
    public int MaxRunning { get; set; } = 64;

    /// <summary>Requests that may wait to be started; beyond it the answer is 429. Default 256.</summary>
    [Range(1, 1 << 20)]
    public int MaxWaiting { get; set; } = 256;

    /// <summary>Of those, of one tenant; beyond it that tenant's answer is 429. Default 0: three quarters.</summary>
    [Range(0, 1 << 20)]
    public int MaxWaitingPerTenant { get; set; }

    /// <summary>Tokens of a chat answer whose request names no most; the answer then ends with <c>length</c>. Default 2048; 0: what the context has room for.</summary>
    [Range(0, 1 << 24)]
    public int DefaultMaxTokens { get; set; } = 2048;

    /// <summary>The most tokens drafted ahead for one answer in one step. Default 16; 0: none.</summary>
    [Range(0, 64)]
    public int SpeculativeTokens { get; set; } = 16;

    /// <summary>KV pool on the CPU, in blocks of 16 tokens; memory is taken as it fills. A card's pool takes what its memory holds. Default 1024.</summary>
    [Range(1, 1 << 24)]
    public int KvBlocks { get; set; } = 1024;

    /// <summary><c>float32</c> (default), or <c>int8</c>: a quarter of the memory, answers not bit for bit the same.</summary>
    public BackendKvDataType KvDataType { get; set; }

    /// <summary>Attend to the last tokens, so many, and the sinks alone, so that answers may outgrow the context. Default 0: to all.</summary>
    [Range(0, 1 << 24)]
    public int KvWindow { get; set; }

    /// <summary>Tokens at the start that a window leaves in sight, a multiple of 16. Default 16.</summary>
    [Range(0, 1 << 20)]
    public int KvSinks { get; set; } = 16;

    /// <summary>Memory beside the embedded backend's KV pool for blocks evicted from it, in MiB; taken as it fills. Default 256; 0: none.</summary>
    [Range(0, 1 << 20)]
    public int KvRamMegabytes { get; set; } = 256;

    /// <summary>Disk for KV blocks that fall out of memory, in MiB; they survive a restart. Default 0: none. Needs <see cref="KvDiskPath"/>.</summary>
    [Range(0, 1 << 24)]
    public int KvDiskMegabytes { get; set; }

    /// <summary>Folder of those blocks, this backend's alone. Where it cannot be written to, the backend goes without. Default: none.</summary>
    public string KvDiskPath { get; set; } = "";
}
