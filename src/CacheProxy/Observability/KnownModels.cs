using System.Collections.Concurrent;

namespace CacheProxy.Observability;

/// <summary>
/// The names of models that may be labels. Clients make them up: only one that has answered is real, and beyond a hundred they all count as one, so that nobody can
/// fill a time series database through the proxy. One for all metrics, so that they name the same ones.
/// </summary>
public sealed class KnownModels
{
    public const string Other = "other";

    private const int MaxModels = 100;

    private readonly ConcurrentDictionary<string, string> _models = new(StringComparer.Ordinal);

    /// <summary>The model's label.</summary>
    /// <param name="model">As the client named it.</param>
    /// <param name="succeeded">It has answered: from now on it is known.</param>
    public string LabelOf(string model, bool succeeded = false)
    {
        if (_models.TryGetValue(model, out string? known))
        {
            return known;
        }

        return succeeded && model.Length > 0 && _models.Count < MaxModels ? _models.GetOrAdd(model, model) : Other;
    }
}
