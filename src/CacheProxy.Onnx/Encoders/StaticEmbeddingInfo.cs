namespace CacheProxy.Onnx.Encoders;

/// <summary>What became of a text on its way to a static vector.</summary>
/// <param name="TokenCount">Word pieces read.</param>
/// <param name="UnknownCount">Words among them that no pieces spell: the vector does not speak for them.</param>
/// <param name="IsEmpty">Nothing was left to add up: the vector is zero and says nothing.</param>
public readonly record struct StaticEmbeddingInfo(int TokenCount, int UnknownCount, bool IsEmpty);
