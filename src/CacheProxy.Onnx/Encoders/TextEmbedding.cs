namespace CacheProxy.Onnx.Encoders;

/// <summary>A vector and what it was made from.</summary>
/// <param name="Vector">float32, <see cref="TextEmbedder.Dimensions"/> long.</param>
/// <param name="Info">Token count and truncation.</param>
public sealed record TextEmbedding(float[] Vector, EmbeddingInfo Info);
