using System.Diagnostics.CodeAnalysis;

namespace CacheProxy.Forward.Routes;

/// <summary>The section <c>Routes</c>: a list, tried in order for each model.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "Named for what it is in the configuration.")]
public sealed class RoutesOptions : List<UpstreamRouteOptions>;
