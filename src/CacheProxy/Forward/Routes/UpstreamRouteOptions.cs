namespace CacheProxy.Forward.Routes;

/// <summary>One element of the list <c>Routes</c>: which upstreams answer for some models. The first whose <see cref="Models"/> fit is taken; after them, the upstreams' own <c>Models</c> count.</summary>
public sealed class UpstreamRouteOptions
{
    public const string Section = "Routes";

    /// <summary>Part of every fingerprint: renaming a route makes what it answered unreachable. Letters, digits, <c>_</c>, <c>.</c>, <c>-</c>; 64 at most.</summary>
    public string Name { get; set; } = "";

    /// <summary>The names in requests that lead here, separated by commas; a <c>*</c> at the end stands for any ending.</summary>
    public string Models { get; set; } = "";

    /// <summary>The model that stands behind those names: sent upstream in their place. Empty (the default): the name as it was asked for.</summary>
    public string Model { get; set; } = "";

    /// <summary>All names of this route share stored answers. Default false: each has its own. Needs <see cref="Model"/>.</summary>
    public bool ShareAliases { get; set; }

    /// <summary>Other paths than the cached ones that go to the first destination, separated by commas, as <c>/v1/files*</c>. Default: none.</summary>
    public string Paths { get; set; } = "";

    /// <summary>Share the requests by weight; each serves the same model, whatever it calls it.</summary>
    public List<DestinationOptions> Destinations { get; } = [];

    /// <summary>Asked in this order where no destination could answer. What a fall-back answers with another model is not stored.</summary>
    public List<DestinationOptions> Fallbacks { get; } = [];
}
