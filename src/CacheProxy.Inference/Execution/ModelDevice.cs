namespace CacheProxy.Inference.Execution;

/// <summary>Where a model runs.</summary>
public enum ModelDevice
{
    /// <summary>A CUDA card where one is usable, else the CPU.</summary>
    Auto,

    Cpu,

    /// <summary>A CUDA card; the CPU, with a warning, where none is usable.</summary>
    Cuda,
}
