using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace CacheProxy.Inference.Server.Models;

/// <summary>The models that a server has loaded. Owns them.</summary>
public sealed class ModelCatalog(IReadOnlyList<ServedModel> models) : IAsyncDisposable
{
    private readonly FrozenDictionary<string, ServedModel> _byId = models.ToFrozenDictionary(model => model.Id, StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<ServedModel> Models { get; } = models;

    public bool TryGet<T>(string id, [NotNullWhen(true)] out T? model)
        where T : ServedModel
    {
        model = _byId.GetValueOrDefault(id) as T;
        return model is not null;
    }

    /// <summary>Lets generations under way finish within the engines' drain time.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (ServedModel model in Models)
        {
            await model.DisposeAsync().ConfigureAwait(false);
        }
    }
}
