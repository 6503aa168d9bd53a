namespace CacheProxy.Exchange;

/// <summary>Finds the route of a model. Does no I/O.</summary>
public interface IUpstreamDirectory
{
    /// <summary>Takes what no model routes: other paths than the cached ones.</summary>
    UpstreamRoute Default { get; }

    /// <summary>Every upstream, in the configured order.</summary>
    IReadOnlyList<UpstreamTarget> All { get; }

    /// <summary>Null when no upstream serves the model in this dialect.</summary>
    UpstreamRoute? Find(string model, Dialect dialect);
}
