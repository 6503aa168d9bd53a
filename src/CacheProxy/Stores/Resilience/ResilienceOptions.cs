namespace CacheProxy.Stores.Resilience;

/// <summary>How long one dependency may take, and when it is left alone. Built by the registration from the section that the dependency has.</summary>
public sealed record ResilienceOptions
{
    /// <summary>What a request waits for at most.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The same for calls that no request waits for: writes after the answer is out, removals.</summary>
    public TimeSpan PatientBudget { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Share of failures within <see cref="SamplingDuration"/> that opens the breaker.</summary>
    public double FailureRatio { get; init; } = 0.5;

    /// <summary>Fewer calls than this within <see cref="SamplingDuration"/> never open it. At least 2.</summary>
    public int MinimumCalls { get; init; } = 4;

    public TimeSpan SamplingDuration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the open breaker refuses before it lets one call through to try.</summary>
    public TimeSpan BreakDuration { get; init; } = TimeSpan.FromSeconds(5);
}
