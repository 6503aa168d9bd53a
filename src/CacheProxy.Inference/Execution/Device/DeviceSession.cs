using CacheProxy.Inference.Execution.Operators;
using CacheProxy.Inference.Graph;
using Microsoft.ML.OnnxRuntime;

namespace CacheProxy.Inference.Execution.Device;

/// <summary>Opens a session on a device over a graph whose weights lie in this process's memory; the runtime copies them to the device.</summary>
internal static class DeviceSession
{
    public static InferenceSession Open(ModelGraph graph, IDevice device)
    {
        using SessionOptions options = device.CreateSessionOptions();
        // Constants given as values are used where they lie; those given as files in memory go to the provider that computes with them.
        OrtKernelApi.AddFilesInMemory(options.DangerousGetHandle(), graph.Initializers);
        return new InferenceSession(graph.Model, options);
    }
}
