namespace CacheProxy.Inference.Graph;

/// <summary>RMS norm of queries and keys between projection and rotation.</summary>
internal enum HeadNorm
{
    None,

    /// <summary>Each head by itself; weights [head size], the same for all heads.</summary>
    PerHead,

    /// <summary>All heads of a row together; weights [query heads * head size] and [key heads * head size].</summary>
    Whole,
}
