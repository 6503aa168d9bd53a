namespace CacheProxy.Forward.Upstreams;

/// <summary>What connections and health of an upstream depend on: while it stays the same they outlive a change of the settings.</summary>
internal sealed record UpstreamTuning
{
    public required string Name { get; init; }

    public required string BaseUrl { get; init; }

    public required TimeSpan ConnectTimeout { get; init; }

    /// <summary>Until the answer's headers.</summary>
    public required TimeSpan FirstByteTimeout { get; init; }

    /// <summary>Between two bytes.</summary>
    public required TimeSpan ActivityTimeout { get; init; }

    public required int Retries { get; init; }

    public required TimeSpan RetryDelay { get; init; }

    public required TimeSpan BreakDuration { get; init; }

    public required double BreakFailureRatio { get; init; }

    public required int RestAfterFailures { get; init; }

    public required int HealthThreshold { get; init; }

    /// <summary>Without probes nothing could call it up again.</summary>
    public required bool IsProbed { get; init; }

    public static UpstreamTuning Of(UpstreamOptions options) => new()
    {
        Name = options.Name,
        BaseUrl = options.BaseUrl,
        ConnectTimeout = TimeSpan.FromSeconds(options.ConnectTimeoutSeconds),
        FirstByteTimeout = TimeSpan.FromSeconds(options.FirstByteTimeoutSeconds > 0 ? options.FirstByteTimeoutSeconds : options.ActivityTimeoutSeconds),
        ActivityTimeout = TimeSpan.FromSeconds(options.ActivityTimeoutSeconds),
        Retries = options.Retries,
        RetryDelay = TimeSpan.FromMilliseconds(options.RetryDelayMilliseconds),
        BreakDuration = TimeSpan.FromSeconds(options.BreakSeconds),
        BreakFailureRatio = options.BreakFailureRatio,
        RestAfterFailures = options.RestAfterFailures,
        HealthThreshold = options.HealthThreshold,
        IsProbed = options.HealthIntervalSeconds > 0,
    };
}
