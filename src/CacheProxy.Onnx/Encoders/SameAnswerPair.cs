namespace CacheProxy.Onnx.Encoders;

/// <summary>A cached prompt and a new one; the order matters a little.</summary>
public readonly record struct SameAnswerPair(string Cached, string Asked);
