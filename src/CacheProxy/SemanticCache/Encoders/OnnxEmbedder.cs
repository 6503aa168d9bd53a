using CacheProxy.Onnx.Encoders;

namespace CacheProxy.SemanticCache.Encoders;

/// <summary>A sentence encoder in this process. Texts of requests that come together share a run, on the thread pool.</summary>
public sealed class OnnxEmbedder : IEmbedder, IDisposable
{
    // 16 short questions take about 15 ms on one core; the gain over 8 is a few percent.
    private const int MaximumTexts = 16;

    private readonly TextEmbedder _embedder;
    private readonly MicroBatcher<string, Embedding> _batcher;

    /// <param name="embedder">Not disposed here.</param>
    /// <param name="concurrency">Runs at once.</param>
    /// <param name="maximumTexts">Texts of one run.</param>
    public OnnxEmbedder(TextEmbedder embedder, int concurrency, int maximumTexts = MaximumTexts)
    {
        _embedder = embedder;
        _batcher = new MicroBatcher<string, Embedding>((texts, _) => new(Embed(texts)), concurrency, maximumTexts);
    }

    public string Fingerprint => _embedder.Fingerprint;

    public int Dimensions => _embedder.Dimensions;

    /// <summary>Texts and runs since the start: their ratio is the size of the batches.</summary>
    public (long Texts, long Runs) Counts => (_batcher.Items, _batcher.Batches);

    public ValueTask<Embedding> EmbedAsync(string text, CancellationToken cancellationToken) => new(_batcher.RunAsync(text, cancellationToken));

    public void Dispose() => _batcher.Dispose();

    private Embedding[] Embed(IReadOnlyList<string> texts)
        => [.. _embedder.Embed(texts).Select(made => new Embedding(made.Vector, made.Info.Truncated))];
}
