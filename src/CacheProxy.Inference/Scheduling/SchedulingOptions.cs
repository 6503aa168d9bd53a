using CacheProxy.Inference.Generation;

namespace CacheProxy.Inference.Scheduling;

/// <summary>Limits of the engine's scheduler.</summary>
public sealed record SchedulingOptions
{
    /// <summary>Sequences that hold KV blocks at once; more wait. Default 64.</summary>
    public int MaxRunning { get; init; } = 64;

    /// <summary>Accepted requests that have not started yet; more are refused. Default 256.</summary>
    public int MaxWaiting { get; init; } = 256;

    /// <summary>Of those, the most of one tenant, so that nobody can fill the queue alone. Default three quarters.</summary>
    public int MaxWaitingPerTenant { get => field > 0 ? field : MaxWaiting - (MaxWaiting / 4); init; }

    /// <summary>How long a request can be held back by more urgent ones; after that it goes before all others. Default 30 s.</summary>
    public TimeSpan PriorityPatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Prompt tokens in a step that also decodes, in tokens: bounds the gap between two tokens of a running answer. Default 256.</summary>
    public int MaxPrefillTokensBesideDecodes { get; init; } = 256;

    /// <summary>
    /// A started prompt that made no progress for this long goes before decodes and older prompts, with up to a quarter of
    /// the step. Default 500 ms.
    /// </summary>
    public TimeSpan MaxPrefillWait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// The most tokens drafted ahead for one answer by looking up its last tokens in itself (prompt-lookup speculation); how many
    /// of them are worth it is measured. 0: none. Default 16.
    /// </summary>
    public int SpeculativeTokens { get; init; } = 16;

    /// <summary>Failed steps in a row after which the engine gives up. Default 3.</summary>
    public int MaxFailuresInARow { get; init; } = 3;

    /// <summary>How long disposing waits for answers under way before it cancels them. Default 10 s.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <exception cref="ArgumentOutOfRangeException">A limit is out of its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRunning, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxWaiting, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PriorityPatience, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPrefillTokensBesideDecodes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPrefillWait, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(SpeculativeTokens);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SpeculativeTokens, GenerationRequest.MaxSpeculate);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFailuresInARow, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(DrainTimeout, TimeSpan.Zero);
    }
}
