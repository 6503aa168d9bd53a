namespace CacheProxy.Onnx.Encoders;

/// <summary>What became of a text on its way to a vector.</summary>
/// <param name="TokenCount">Tokens read, [CLS] and [SEP] included.</param>
/// <param name="Truncated">The text went on behind them: the vector does not speak for all of it.</param>
public readonly record struct EmbeddingInfo(int TokenCount, bool Truncated)
{
    /// <summary>Nothing but [CLS] and [SEP]: the vector is defined, and says nothing.</summary>
    public bool IsEmpty => TokenCount <= 2;
}
