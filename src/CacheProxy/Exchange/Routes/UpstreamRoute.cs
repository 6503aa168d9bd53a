namespace CacheProxy.Exchange.Routes;

/// <summary>
/// Where the requests for some models go: destinations that share them by weight, and others that take over where those fail. Immutable but for
/// <see cref="IsRetired"/>.
/// </summary>
public sealed class UpstreamRoute
{
    private volatile bool _isRetired;

    /// <summary>Part of every fingerprint, whichever destination answers: renaming a route makes what it answered unreachable.</summary>
    public required string Name { get; init; }

    /// <summary>At least one. Each serves the route's own model, whatever it calls it.</summary>
    public required IReadOnlyList<UpstreamDestination> Destinations { get; init; }

    /// <summary>Asked in this order where no destination could answer.</summary>
    public IReadOnlyList<UpstreamDestination> Fallbacks { get; init; } = [];

    /// <summary>The model that stands behind the names that lead here; null: they are the models' own.</summary>
    public string? Model { get; init; }

    /// <summary>Requests that differ only in the name that led here have the same answer.</summary>
    public bool SharesAliases { get; init; }

    /// <summary>Some destination keeps what it computes apart by salt: the scope's is worth computing.</summary>
    public bool TakesSalt { get; init; }

    /// <summary>Some destination is told which requests share a prompt's beginning, by <see cref="ExchangeFeature.PromptKey"/>.</summary>
    public bool TakesPromptKey { get; init; }

    /// <summary>The settings have changed since: who remembers the route looks for it anew. Requests that are under way go on with it.</summary>
    public bool IsRetired => _isRetired;

    /// <summary>The model that answers when <paramref name="requested"/> is asked for.</summary>
    public string ModelOf(string requested) => Model ?? requested;

    public void Retire() => _isRetired = true;

    public override string ToString() => Name;
}
