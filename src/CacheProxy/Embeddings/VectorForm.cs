namespace CacheProxy.Embeddings;

/// <summary>How a vector's numbers are kept, so that both encodings give back what the upstream would have sent.</summary>
internal enum VectorForm : byte
{
    /// <summary>float32. As text: the shortest digits that name each float32, which is what OpenAI sends. All that came as base64, and text of that kind.</summary>
    Single = 1,

    /// <summary>float32. As text: all the digits of the same value as a double, as servers write that widen their float32 first.</summary>
    WidenedSingle = 2,

    /// <summary>double: the upstream's text has digits that no float32 holds. As base64: the nearest float32, which is all that base64 can say.</summary>
    Double = 3,
}
