using CacheProxy.Onnx.Encoders;

namespace CacheProxy.Inference.Server.Models;

/// <summary>The bundled sentence encoder behind the embeddings endpoint.</summary>
/// <param name="embedder">Becomes this object's to dispose.</param>
internal sealed class TextEmbedderModel(TextEmbedder embedder) : IEmbeddingModel
{
    public int Dimensions => embedder.Dimensions;

    public int MaxTokens => embedder.MaxTokens;

    public int CountTokens(string text)
    {
        EmbeddingInfo info = embedder.CountTokens(text);
        return info.Truncated ? embedder.MaxTokens + 1 : info.TokenCount;
    }

    public IReadOnlyList<float[]> Embed(IReadOnlyList<string> texts) => [.. embedder.Embed(texts).Select(embedding => embedding.Vector)];

    public void Dispose() => embedder.Dispose();
}
