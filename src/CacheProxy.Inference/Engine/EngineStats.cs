using CacheProxy.Inference.Scheduling;

namespace CacheProxy.Inference.Engine;

/// <summary>A consistent picture of the engine between two steps.</summary>
/// <param name="Counts">Blocks, sequences and totals since the start.</param>
/// <param name="Queued">Accepted requests that have not started.</param>
/// <param name="Failure">Why the engine is unhealthy, or null.</param>
public readonly record struct EngineStats(EngineState State, SchedulerCounts Counts, int Queued, string? Failure);
