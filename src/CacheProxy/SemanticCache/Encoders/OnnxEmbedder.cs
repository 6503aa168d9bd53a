using CacheProxy.Onnx.Encoders;

namespace CacheProxy.SemanticCache.Encoders;

/// <summary>The bundled sentence encoder. Runs on the thread pool, at most <paramref name="concurrency"/> texts at once: more would only share the same cores.</summary>
public sealed class OnnxEmbedder(TextEmbedder embedder, int concurrency) : IEmbedder, IDisposable
{
    private readonly SemaphoreSlim _free = new(concurrency, concurrency);

    public string Fingerprint => embedder.Fingerprint;

    public int Dimensions => embedder.Dimensions;

    public async ValueTask<Embedding> EmbedAsync(string text, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Embed(text), CancellationToken.None);
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose() => _free.Dispose();

    private Embedding Embed(string text)
    {
        float[] vector = new float[embedder.Dimensions];
        EmbeddingInfo info = embedder.Embed(text, vector);
        return new Embedding(vector, info.Truncated);
    }
}
