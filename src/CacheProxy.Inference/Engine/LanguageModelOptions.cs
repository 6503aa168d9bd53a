using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Scheduling;

namespace CacheProxy.Inference.Engine;

/// <summary>How a model file is run.</summary>
public sealed record LanguageModelOptions
{
    public ModelRunnerOptions Runner { get; init; } = new();

    public SchedulingOptions Scheduling { get; init; } = new();

    public KvCacheOptions Cache { get; init; } = new();

    /// <summary>Puts something around the model's runner that measures or disturbs it; null: nothing.</summary>
    public Func<IModelRunner, IModelRunner>? Decorate { get; init; }
}
