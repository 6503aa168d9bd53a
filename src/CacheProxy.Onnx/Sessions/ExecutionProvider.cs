namespace CacheProxy.Onnx.Sessions;

/// <summary>Where ONNX Runtime runs a model.</summary>
public enum ExecutionProvider
{
    Cpu,

    /// <summary>An NVIDIA card; falls back to <see cref="Cpu"/> with a reason where none is usable.</summary>
    Cuda,
}
