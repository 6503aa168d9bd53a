namespace CacheProxy.Exchange;

/// <summary>How one request is treated: the settings of section <c>Exact</c> with those of the rule that it meets put over them. Immutable; shared by all requests that meet the rule.</summary>
public sealed record CachePolicy
{
    private CachePolicy() { }

    /// <summary>As without a configuration.</summary>
    public static CachePolicy Default { get; } = Of(new ExactOptions(), null);

    /// <summary>Seconds that an answer is fresh, unless the request asks for another time.</summary>
    public required int TtlSeconds { get; init; }

    /// <summary>The longest that a request may ask for.</summary>
    public required int MaxTtlSeconds { get; init; }

    public required int StaleWhileRevalidateSeconds { get; init; }

    public required int StaleIfErrorSeconds { get; init; }

    /// <summary>Requests with a higher temperature are neither looked up nor stored.</summary>
    public required double MaxTemperature { get; init; }

    /// <summary>Requests whose messages hold tool results are cached.</summary>
    public required bool AllowToolResults { get; init; }

    /// <summary>Requests with tools that run at the provider are cached.</summary>
    public required bool AllowHostedTools { get; init; }

    /// <summary>No answer could ever be given again: nothing need be looked up or stored.</summary>
    public bool KeepsNothing => TtlSeconds == 0 && MaxTtlSeconds == 0 && StaleWhileRevalidateSeconds == 0 && StaleIfErrorSeconds == 0;

    /// <param name="rule">Null: the section alone.</param>
    public static CachePolicy Of(ExactOptions options, ExactRule? rule) => new()
    {
        TtlSeconds = rule?.TtlSeconds ?? options.TtlSeconds,
        MaxTtlSeconds = rule?.MaxTtlSeconds ?? (rule?.TtlSeconds == 0 ? 0 : options.MaxTtlSeconds),
        StaleWhileRevalidateSeconds = rule?.StaleWhileRevalidateSeconds ?? options.StaleWhileRevalidateSeconds,
        StaleIfErrorSeconds = rule?.StaleIfErrorSeconds ?? options.StaleIfErrorSeconds,
        MaxTemperature = rule?.MaxTemperature ?? options.MaxTemperature,
        AllowToolResults = rule?.AllowToolResults ?? options.AllowToolResults,
        AllowHostedTools = rule?.AllowHostedTools ?? options.AllowHostedTools,
    };
}
