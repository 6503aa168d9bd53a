using System.Diagnostics.CodeAnalysis;

namespace CacheProxy.Forward.Upstreams;

/// <summary>The section <c>Upstreams</c>: a list, tried in order for each model.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "Named for what it is in the configuration.")]
public sealed class UpstreamsOptions : List<UpstreamOptions>;
