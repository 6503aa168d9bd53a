using CacheProxy.Inference.Graph;
using Microsoft.ML.OnnxRuntime;

namespace CacheProxy.Inference.Execution.Device;

/// <summary>A card: memory of its own, and how a session is opened on it. Addresses are the device's; one thread at a time.</summary>
internal unsafe interface IDevice : IDisposable
{
    /// <summary>For log lines.</summary>
    string Name { get; }

    /// <summary>Where <see cref="Allocate"/> takes from, as the runtime names it.</summary>
    OrtMemoryInfo Memory { get; }

    /// <summary>Type of weights, activations, keys and values.</summary>
    OnnxType ElementType { get; }

    /// <summary>Domain of the PagedAttention operator.</summary>
    string AttentionDomain { get; }

    /// <summary>Whether a run under a graph id is recorded once and replayed from then on.</summary>
    bool CapturesGraphs { get; }

    /// <summary>Bytes that can be allocated now.</summary>
    long FreeBytes { get; }

    /// <exception cref="InsufficientMemoryException">The device has no such run of memory left.</exception>
    nint Allocate(long bytes);

    void Free(nint address);

    /// <summary>Host to device; done when it returns.</summary>
    void Upload(nint target, void* source, long bytes);

    /// <summary>Device to host; done when it returns.</summary>
    void Download(void* target, nint source, long bytes);

    /// <summary>Inside the device; done when it returns.</summary>
    void Copy(nint target, nint source, long bytes);

    /// <summary>Options with this device's provider, for one session.</summary>
    SessionOptions CreateSessionOptions();
}
