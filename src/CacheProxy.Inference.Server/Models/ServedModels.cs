using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Server.Http;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Models;

/// <summary>Where the endpoints find the models: nothing while they load, then the catalog until the end.</summary>
internal sealed class ServedModels
{
    private volatile ModelCatalog? _catalog;

    public ModelCatalog? Catalog
    {
        get => _catalog;
        set => _catalog = value;
    }

    /// <exception cref="RequestErrorException">503 while loading.</exception>
    public ModelCatalog GetCatalog() => _catalog ?? throw new RequestErrorException(RequestError.Unavailable("The models are still loading; try again in a moment."));

    /// <exception cref="RequestErrorException">503 while loading; 404 for an unknown model; 400 for one of another kind.</exception>
    public T Get<T>(string id)
        where T : ServedModel
    {
        ModelCatalog catalog = GetCatalog();
        if (catalog.TryGet(id, out T? model))
        {
            ServerSpan.Note(EngineSpans.RequestModel, model.Id);
            return model;
        }

        throw new RequestErrorException(catalog.TryGet(id, out ServedModel? other)
            ? RequestError.UnsupportedValue("model", $"The model `{other.Id}` cannot be used with this endpoint.")
            : RequestError.ModelNotFound(id));
    }
}
