using CacheProxy.Inference.Graph;
using Microsoft.ML.OnnxRuntime;

namespace CacheProxy.Inference.Execution.Device;

/// <summary>An NVIDIA card through ONNX Runtime's CUDA provider, in float16: the type its PagedAttention kernels take.</summary>
internal sealed unsafe class CudaDevice : IDevice
{
    private readonly int _device;
    private readonly bool _capture;

    /// <param name="device">CUDA device number.</param>
    /// <param name="capture">Record steady decoding steps as CUDA graphs.</param>
    /// <exception cref="DllNotFoundException">A CUDA library is missing.</exception>
    /// <exception cref="NotSupportedException">The ONNX Runtime library in use has no CUDA provider.</exception>
    /// <exception cref="InvalidOperationException">There is no usable card; the message is CUDA's.</exception>
    public CudaDevice(int device, bool capture)
    {
        if (!OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"))
        {
            throw new NotSupportedException("this build of the ONNX Runtime library has no CUDA provider");
        }

        CudaRuntime.SelectDevice(device);
        (_device, _capture) = (device, capture);
        Memory = new OrtMemoryInfo(OrtMemoryInfo.allocatorCUDA, OrtAllocatorType.DeviceAllocator, device, OrtMemType.Default);
    }

    public string Name => $"CUDA device {_device}";

    public OrtMemoryInfo Memory { get; }

    public OnnxType ElementType => OnnxType.Float16;

    public string AttentionDomain => "com.microsoft";

    public bool CapturesGraphs => _capture;

    public long FreeBytes => CudaRuntime.FreeBytes();

    public nint Allocate(long bytes) => CudaRuntime.Allocate(bytes);

    public void Free(nint address) => CudaRuntime.Free(address);

    public void Upload(nint target, void* source, long bytes) => CudaRuntime.Copy(target, (nint)source, bytes, CudaRuntime.Direction.HostToDevice);

    public void Download(void* target, nint source, long bytes) => CudaRuntime.Copy((nint)target, source, bytes, CudaRuntime.Direction.DeviceToHost);

    public void Copy(nint target, nint source, long bytes) => CudaRuntime.Copy(target, source, bytes, CudaRuntime.Direction.DeviceToDevice);

    public SessionOptions CreateSessionOptions()
    {
        var options = new SessionOptions { ExecutionMode = ExecutionMode.ORT_SEQUENTIAL, IntraOpNumThreads = 1 };
        try
        {
            using var cuda = new OrtCUDAProviderOptions();
            cuda.UpdateOptions(new Dictionary<string, string>
            {
                ["device_id"] = _device.ToString(System.Globalization.CultureInfo.InvariantCulture),
                ["enable_cuda_graph"] = _capture ? "1" : "0",
                // The KV pool takes what is left: an arena that doubles would want it back.
                ["arena_extend_strategy"] = "kSameAsRequested",
            });
            options.AppendExecutionProvider_CUDA(cuda);
            return options;
        }
        catch
        {
            options.Dispose();
            throw;
        }
    }

    public void Dispose() => Memory.Dispose();
}
