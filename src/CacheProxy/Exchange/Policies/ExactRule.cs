using System.ComponentModel.DataAnnotations;

namespace CacheProxy.Exchange.Policies;

/// <summary>
/// One element of <c>Exact:Rules</c>: other settings for the requests that meet all of its conditions. The first rule that a request meets
/// counts; what it does not set, and requests that meet none, have the section's own settings. In a condition a <c>*</c> at the end stands
/// for any ending; empty: any.
/// </summary>
public sealed class ExactRule
{
    /// <summary>The model as the client names it.</summary>
    public string Model { get; set; } = "";

    /// <summary>The request's <c>X-CacheProxy-Namespace</c>.</summary>
    public string Namespace { get; set; } = "";

    /// <summary>One of the request's <c>X-CacheProxy-Tags</c>.</summary>
    public string Tag { get; set; } = "";

    /// <summary>The request's path, as <c>/v1/messages</c>.</summary>
    [RegularExpression("/.*")]
    public string Path { get; set; } = "";

    /// <summary>The name of the route that the model takes.</summary>
    public string Route { get; set; } = "";

    /// <summary>In place of <see cref="ExactOptions.TtlSeconds"/>. 0 (and no stale times): these requests are not cached at all.</summary>
    [Range(0, int.MaxValue)]
    public int? TtlSeconds { get; set; }

    /// <summary>In place of <see cref="ExactOptions.MaxTtlSeconds"/>; where <see cref="TtlSeconds"/> is 0 it is 0 unless set.</summary>
    [Range(0, int.MaxValue)]
    public int? MaxTtlSeconds { get; set; }

    /// <summary>In place of <see cref="ExactOptions.StaleWhileRevalidateSeconds"/>.</summary>
    [Range(0, int.MaxValue)]
    public int? StaleWhileRevalidateSeconds { get; set; }

    /// <summary>In place of <see cref="ExactOptions.StaleIfErrorSeconds"/>.</summary>
    [Range(0, int.MaxValue)]
    public int? StaleIfErrorSeconds { get; set; }

    /// <summary>In place of <see cref="ExactOptions.KeepStaleSeconds"/>.</summary>
    [Range(0, int.MaxValue)]
    public int? KeepStaleSeconds { get; set; }

    /// <summary>In place of <see cref="ExactOptions.TtlJitterPercent"/>.</summary>
    [Range(0, 90)]
    public int? TtlJitterPercent { get; set; }

    /// <summary>In place of <see cref="ExactOptions.RefreshAheadHits"/>.</summary>
    [Range(0, int.MaxValue)]
    public int? RefreshAheadHits { get; set; }

    /// <summary>In place of <see cref="ExactOptions.RefreshAheadPercent"/>.</summary>
    [Range(1, 99)]
    public int? RefreshAheadPercent { get; set; }

    /// <summary>In place of <see cref="ExactOptions.ObeyUpstreamCacheControl"/>.</summary>
    public bool? ObeyUpstreamCacheControl { get; set; }

    /// <summary>In place of <see cref="ExactOptions.MaxTemperature"/>.</summary>
    [Range(0, 10)]
    public double? MaxTemperature { get; set; }

    /// <summary>In place of <see cref="ExactOptions.AllowToolResults"/>.</summary>
    public bool? AllowToolResults { get; set; }

    /// <summary>In place of <see cref="ExactOptions.AllowHostedTools"/>.</summary>
    public bool? AllowHostedTools { get; set; }

    /// <summary>In place of <see cref="ExactOptions.AllowToolCalls"/>.</summary>
    public bool? AllowToolCalls { get; set; }

    /// <summary>In place of <see cref="ExactOptions.AllowTruncated"/>.</summary>
    public bool? AllowTruncated { get; set; }

    /// <summary>In place of <see cref="ExactOptions.AllowSeeded"/>.</summary>
    public bool? AllowSeeded { get; set; }

    internal bool HasCondition => (Model.Length | Namespace.Length | Tag.Length | Path.Length | Route.Length) > 0;
}
