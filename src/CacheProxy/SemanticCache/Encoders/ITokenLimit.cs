namespace CacheProxy.SemanticCache.Encoders;

/// <summary>Says, without running the encoder, whether it would read all of a text.</summary>
public interface ITokenLimit
{
    bool IsExceededBy(string text);
}
