using System.Collections.Concurrent;

namespace CacheProxy.SemanticCache.Encoders;

/// <summary>
/// Remembers the vectors of the latest texts, and lets callers of one text share one computation: look-up and indexing of a question cost one
/// pass of the encoder. The computation is nobody's own, so it is not cancelled when its first caller goes; a failed one is forgotten.
/// </summary>
public sealed class CachingEmbedder(IEmbedder inner, int capacity) : IEmbedder
{
    private readonly ConcurrentDictionary<string, Lazy<Task<Embedding>>> _embeddings = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _order = new();

    public string Fingerprint => inner.Fingerprint;

    public int Dimensions => inner.Dimensions;

    public int Count => _embeddings.Count;

    public async ValueTask<Embedding> EmbedAsync(string text, CancellationToken cancellationToken)
    {
        Lazy<Task<Embedding>> embedding = _embeddings.TryGetValue(text, out Lazy<Task<Embedding>>? known) ? known : Add(text);
        try
        {
            return await embedding.Value.WaitAsync(cancellationToken);
        }
        catch when (embedding.Value.IsFaulted || embedding.Value.IsCanceled)
        {
            _embeddings.TryRemove(new KeyValuePair<string, Lazy<Task<Embedding>>>(text, embedding));
            throw;
        }
    }

    /// <summary>The vector of a text, if it was computed and is still remembered.</summary>
    public bool TryGet(string text, out Embedding embedding)
    {
        bool isThere = _embeddings.TryGetValue(text, out Lazy<Task<Embedding>>? known) && known.Value.IsCompletedSuccessfully;
        embedding = isThere ? known!.Value.Result : default;
        return isThere;
    }

    private Lazy<Task<Embedding>> Add(string text)
    {
        var made = new Lazy<Task<Embedding>>(() => EmbedDetachedAsync(text));
        Lazy<Task<Embedding>> kept = _embeddings.GetOrAdd(text, made);
        if (ReferenceEquals(kept, made))
        {
            _order.Enqueue(text);
            while (_order.Count > capacity && _order.TryDequeue(out string? oldest))
            {
                _embeddings.TryRemove(oldest, out _);
            }
        }

        return kept;
    }

    private async Task<Embedding> EmbedDetachedAsync(string text) => await inner.EmbedAsync(text, CancellationToken.None);
}
