namespace CacheProxy.SemanticCache.Encoders;

/// <summary>A model gave no result within its budget, failed, or is left alone for a while after failures.</summary>
public sealed class EncoderUnavailableException(string encoder, Exception? innerException)
    : Exception($"{encoder} gave no result.", innerException);
