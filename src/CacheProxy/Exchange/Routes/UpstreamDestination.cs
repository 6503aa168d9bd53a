namespace CacheProxy.Exchange.Routes;

/// <summary>One way that a route's requests can go.</summary>
public sealed class UpstreamDestination
{
    public required UpstreamTarget Target { get; init; }

    /// <summary>The upstream's own name for the model, put into the request's body; null: the route's.</summary>
    public string? Model { get; init; }

    /// <summary><see cref="Model"/> is another name of the route's own model.</summary>
    public bool IsSameModel { get; init; }

    /// <summary>Its part of the requests, as against the weights of its neighbours.</summary>
    public int Weight { get; init; } = 1;
}
