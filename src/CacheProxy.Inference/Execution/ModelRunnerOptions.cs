namespace CacheProxy.Inference.Execution;

/// <summary>Sizes and threads of a model runner.</summary>
public sealed record ModelRunnerOptions
{
    /// <summary>Blocks of the KV pool, 16 tokens each. Memory is used as blocks are written, so this is a ceiling.</summary>
    public int BlockCount { get; init; } = 1024;

    /// <summary>The most tokens of one step. More costs activation memory; prompts gain little beyond 512.</summary>
    public int MaxBatchTokens { get; init; } = 512;

    /// <summary>How keys and values are kept. Default as computed; 8 bit takes about a quarter of the memory.</summary>
    public KvDataType KvDataType { get; init; }

    /// <summary>Attention to sinks and a window alone, so that answers may go on beyond the model's context. Default null: to every token.</summary>
    public ContextEviction? Eviction { get; init; }

    /// <summary>Threads that compute, the caller's included.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// How long a thread without work spins before it sleeps. A decoding step has some 200 parallel pieces with microseconds between
    /// them, so waking for each would cost; the runtime's own default of a millisecond takes the processor from the rest of the
    /// program (twice the processor time for a step on two shared cores).
    /// </summary>
    public int SpinMicroseconds { get; init; } = 50;

    /// <summary>Where the model runs.</summary>
    public ModelDevice Device { get; init; } = ModelDevice.Auto;

    /// <summary>CUDA device number.</summary>
    public int DeviceId { get; init; }

    /// <summary>Record steady decoding steps as CUDA graphs, which saves their launches.</summary>
    public bool CudaGraphs { get; init; } = true;

    /// <summary>Blocks of a device's KV pool, each of 64 to 256 tokens; null: as many as its memory holds.</summary>
    public int? DeviceBlockCount { get; init; }

    /// <summary>Device memory that the KV pool leaves for activations. Default 1 GiB.</summary>
    public long DeviceHeadroomBytes { get; init; } = 1L << 30;
}
