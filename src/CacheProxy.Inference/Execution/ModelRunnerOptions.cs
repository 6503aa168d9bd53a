namespace CacheProxy.Inference.Execution;

/// <summary>Sizes and threads of a model runner.</summary>
public sealed record ModelRunnerOptions
{
    /// <summary>Blocks of the KV pool, 16 tokens each. Memory is used as blocks are written, so this is a ceiling.</summary>
    public int BlockCount { get; init; } = 1024;

    /// <summary>The most tokens of one step. More costs activation memory; prompts gain little beyond 512.</summary>
    public int MaxBatchTokens { get; init; } = 512;

    /// <summary>Threads that compute, the caller's included.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Let idle threads of a running step spin for the next piece of work instead of sleeping.</summary>
    public bool AllowSpinning { get; init; } = true;
}
