namespace CacheProxy.Forward.Backend;

/// <summary>Where the embedded backend's model runs.</summary>
public enum BackendDevice
{
    Auto,
    Cpu,
    Cuda,
}
