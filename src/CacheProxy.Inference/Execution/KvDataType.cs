namespace CacheProxy.Inference.Execution;

/// <summary>How keys and values are kept in the pool.</summary>
public enum KvDataType
{
    /// <summary>As computed.</summary>
    Float32,

    /// <summary>8 bit with a scale of its own for each token and key/value head: about a quarter of the memory.</summary>
    Int8,
}
