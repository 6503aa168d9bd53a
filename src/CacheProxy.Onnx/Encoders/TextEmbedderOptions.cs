namespace CacheProxy.Onnx.Encoders;

/// <summary>How a sentence encoder is used; all of it is part of the fingerprint. The defaults are those of all-MiniLM-L6-v2.</summary>
public sealed record TextEmbedderOptions
{
    public Pooling Pooling { get; init; } = Pooling.Mean;

    /// <summary>Scale vectors to length 1.</summary>
    public bool Normalize { get; init; } = true;

    /// <summary>Longest input in tokens, [CLS] and [SEP] included; what is behind is cut off and reported.</summary>
    public int MaxTokens { get; init; } = 256;
}
