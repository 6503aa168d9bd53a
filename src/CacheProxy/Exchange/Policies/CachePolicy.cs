using CacheProxy.Exchange.Answers;

namespace CacheProxy.Exchange.Policies;

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

    public required int KeepStaleSeconds { get; init; }

    public required int TtlJitterPercent { get; init; }

    /// <summary>0: entries are not refreshed while they are fresh.</summary>
    public required int RefreshAheadHits { get; init; }

    public required int RefreshAheadPercent { get; init; }

    public required bool ObeyUpstreamCacheControl { get; init; }

    /// <summary>Requests with a higher temperature are neither looked up nor stored.</summary>
    public required double MaxTemperature { get; init; }

    /// <summary>Unless they give a seed.</summary>
    public required bool AllowSeeded { get; init; }

    /// <summary>Requests whose messages hold tool results are cached.</summary>
    public required bool AllowToolResults { get; init; }

    /// <summary>Requests with tools that run at the provider are cached.</summary>
    public required bool AllowHostedTools { get; init; }

    /// <summary>What an answer must not be to be stored or given again.</summary>
    public required AnswerTraits Refused { get; init; }

    /// <summary>No answer could ever be given again: nothing need be looked up or stored.</summary>
    public bool KeepsNothing => MaxTtlSeconds == 0 && !Keeps(askedTtlSeconds: null);

    /// <summary>Whether an answer that is stored now could be given again.</summary>
    public bool Keeps(int? askedTtlSeconds) => TtlOf(askedTtlSeconds) > 0 || StaleWhileRevalidateSeconds > 0 || StaleIfErrorSeconds > 0;

    public bool Allows(CanonicalAnswer answer) => (answer.Traits & Refused) == AnswerTraits.None;

    /// <summary>Seconds of freshness for a new entry.</summary>
    /// <param name="asked">Null: the request asked for none.</param>
    public int TtlOf(int? asked) => asked is { } seconds ? Math.Min(seconds, MaxTtlSeconds) : TtlSeconds;

    /// <summary>
    /// Seconds of freshness that an entry has for a request of this policy: its own, but no more than it would be given today. So a TTL that
    /// is lowered counts at once, and an answer that one rule keeps long is not old news to another; one that is raised counts for new entries.
    /// </summary>
    public int TtlOf(CacheEntry entry) => Math.Min(entry.TtlSeconds, entry.HasAskedTtl ? MaxTtlSeconds : TtlSeconds);

    /// <param name="rule">Null: the section alone.</param>
    public static CachePolicy Of(ExactOptions options, ExactRule? rule) => new()
    {
        TtlSeconds = rule?.TtlSeconds ?? options.TtlSeconds,
        MaxTtlSeconds = rule?.MaxTtlSeconds ?? (rule?.TtlSeconds == 0 ? 0 : options.MaxTtlSeconds),
        StaleWhileRevalidateSeconds = rule?.StaleWhileRevalidateSeconds ?? options.StaleWhileRevalidateSeconds,
        StaleIfErrorSeconds = rule?.StaleIfErrorSeconds ?? options.StaleIfErrorSeconds,
        KeepStaleSeconds = rule?.KeepStaleSeconds ?? options.KeepStaleSeconds,
        TtlJitterPercent = rule?.TtlJitterPercent ?? options.TtlJitterPercent,
        RefreshAheadHits = rule?.RefreshAheadHits ?? options.RefreshAheadHits,
        RefreshAheadPercent = rule?.RefreshAheadPercent ?? options.RefreshAheadPercent,
        ObeyUpstreamCacheControl = rule?.ObeyUpstreamCacheControl ?? options.ObeyUpstreamCacheControl,
        MaxTemperature = rule?.MaxTemperature ?? options.MaxTemperature,
        AllowSeeded = rule?.AllowSeeded ?? options.AllowSeeded,
        AllowToolResults = rule?.AllowToolResults ?? options.AllowToolResults,
        AllowHostedTools = rule?.AllowHostedTools ?? options.AllowHostedTools,
        Refused = (rule?.AllowToolCalls ?? options.AllowToolCalls ? AnswerTraits.None : AnswerTraits.ToolCalls)
            | (rule?.AllowTruncated ?? options.AllowTruncated ? AnswerTraits.None : AnswerTraits.Truncated),
    };
}
