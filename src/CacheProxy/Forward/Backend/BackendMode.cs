namespace CacheProxy.Forward.Backend;

/// <summary>Whether this process hosts the inference backend.</summary>
public enum BackendMode
{
    Embedded,
    None,
}
