namespace CacheProxy.Exchange;

/// <summary>Finds the upstream of a model. Does no I/O.</summary>
public interface IUpstreamDirectory
{
    /// <summary>Takes what no model routes: other paths than the cached ones.</summary>
    UpstreamTarget Default { get; }

    /// <summary>Every upstream, in the configured order.</summary>
    IReadOnlyList<UpstreamTarget> All { get; }

    /// <summary>Null when no upstream serves the model.</summary>
    UpstreamTarget? Find(string model);
}
