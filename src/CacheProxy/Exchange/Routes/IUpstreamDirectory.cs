using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Exchange.Routes;

/// <summary>Finds the route of a model. Does no I/O.</summary>
public interface IUpstreamDirectory
{
    /// <summary>Takes what no model routes: other paths than the cached ones.</summary>
    UpstreamRoute Default { get; }

    /// <summary>Every upstream, in the configured order.</summary>
    IReadOnlyList<UpstreamTarget> All { get; }

    /// <summary>Null when no upstream serves the model in this dialect; <see cref="Refuse"/> then has the answer.</summary>
    UpstreamRoute? Find(string model, Dialect dialect);

    /// <summary>Takes a request of the dialect whose model is not known; null: no upstream speaks it.</summary>
    UpstreamRoute? FindDefault(Dialect dialect) => Default;

    /// <summary>Why <see cref="Find"/> gave nothing: the model is not known, or not in this dialect.</summary>
    RequestError Refuse(string model, Dialect dialect) => RequestError.ModelNotFound(model);
}
