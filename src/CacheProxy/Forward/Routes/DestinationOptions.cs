namespace CacheProxy.Forward.Routes;

/// <summary>An upstream as part of a route.</summary>
public sealed class DestinationOptions
{
    /// <summary>The name of one of <c>Upstreams</c>.</summary>
    public string Upstream { get; set; } = "";

    /// <summary>Its own name for the model, with Azure that of the deployment. Empty (the default): the route's.</summary>
    public string Model { get; set; } = "";

    /// <summary>Of a fall-back: <see cref="Model"/> is another name of the route's own model, so that its answers are stored. Default false.</summary>
    public bool SameModel { get; set; }

    /// <summary>Its part of the requests, as against its neighbours'; 1 to 1000, default 1. Fall-backs have no weight.</summary>
    public int Weight { get; set; } = 1;
}
