namespace CacheProxy.Onnx.Encoders;

/// <summary>How token vectors become one vector.</summary>
public enum Pooling
{
    /// <summary>Mean over the real tokens, [CLS] and [SEP] among them.</summary>
    Mean,

    /// <summary>The vector of [CLS].</summary>
    Classify,
}
