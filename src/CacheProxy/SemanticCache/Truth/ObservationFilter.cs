namespace CacheProxy.SemanticCache.Truth;

/// <summary>Which observations are read; null: any.</summary>
public sealed record ObservationFilter
{
    public static ObservationFilter All { get; } = new();

    /// <summary>Not older than this.</summary>
    public DateTimeOffset? Since { get; init; }

    public string? Policy { get; init; }

    public string? Tenant { get; init; }

    public string? Model { get; init; }

    public string? Route { get; init; }

    public ObservationSource? Source { get; init; }

    /// <summary>Only those whose outcome is right or wrong.</summary>
    public bool IsKnownOnly { get; init; }

    public bool Matches(Observation observation)
        => !(observation.Time < Since)
            && (Policy is null || Policy == observation.Policy)
            && (Tenant is null || Tenant == observation.Tenant)
            && (Model is null || Model == observation.Model)
            && (Route is null || Route == observation.Route)
            && (Source is null || Source == observation.Source)
            && !(IsKnownOnly && observation.Outcome == ObservationOutcome.Unknown);
}
