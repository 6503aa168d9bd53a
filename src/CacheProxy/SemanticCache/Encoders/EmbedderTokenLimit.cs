using CacheProxy.Onnx.Encoders;

namespace CacheProxy.SemanticCache.Encoders;

/// <summary>The bundled encoder's limit, by its own tokenizer: 20 microseconds for a long question, nothing for a short one.</summary>
public sealed class EmbedderTokenLimit(TextEmbedder embedder) : ITokenLimit
{
    // Decomposed and taken apart, one character comes to three pieces at most.
    private const int PiecesPerCharacter = 3;

    public bool IsExceededBy(string text) => text.Length * PiecesPerCharacter > embedder.MaxTokens && embedder.CountTokens(text).Truncated;
}
