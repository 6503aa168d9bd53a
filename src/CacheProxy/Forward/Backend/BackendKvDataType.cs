namespace CacheProxy.Forward.Backend;

/// <summary>How the embedded backend keeps keys and values.</summary>
public enum BackendKvDataType
{
    Float32,
    Int8,
}
