using System.Runtime.InteropServices;
using CacheProxy.Inference.Execution.Device;
using CacheProxy.Inference.Execution.Operators;
using CacheProxy.Inference.Graph;
using Microsoft.ML.OnnxRuntime;

namespace CacheProxy.Inference.Tests.Execution.Device;

/// <summary>
/// Stands in for a card: host memory, float32, and an attention operator of its own that follows PagedAttention's contract. Everything
/// of the device runner but the card's kernels and float16 is the real thing.
/// </summary>
internal sealed unsafe class HostDevice : IDevice
{
    private const string Domain = "cacheproxy.test";

    private readonly OperatorDomain _operators = new(Domain, PagedAttentionReference.Define());
    private readonly HashSet<nint> _live = [];

    public string Name => "host";

    public OrtMemoryInfo Memory => OrtMemoryInfo.DefaultInstance;

    public OnnxType ElementType => OnnxType.Float;

    public string AttentionDomain => Domain;

    public bool CapturesGraphs => false;

    public long FreeBytes { get; init; } = 1L << 40;

    public int Uploads { get; private set; }

    /// <summary>Allocations that nobody gave back.</summary>
    public int Live => _live.Count;

    public bool IsDisposed { get; private set; }

    public nint Allocate(long bytes)
    {
        // Not zeroed, as on a card: whoever reads what was never written shall find rubbish.
        nint address = (nint)NativeMemory.AlignedAlloc((nuint)bytes, 256);
        new Span<float>((void*)address, (int)(bytes / sizeof(float))).Fill(float.NaN);
        _live.Add(address);
        return address;
    }

    public void Free(nint address)
    {
        Assert.True(_live.Remove(address));
        NativeMemory.AlignedFree((void*)address);
    }

    public void Upload(nint target, void* source, long bytes)
    {
        Uploads++;
        Buffer.MemoryCopy(source, (void*)target, bytes, bytes);
    }

    public void Download(void* target, nint source, long bytes) => Buffer.MemoryCopy((void*)source, target, bytes, bytes);

    public void Copy(nint target, nint source, long bytes) => Buffer.MemoryCopy((void*)source, (void*)target, bytes, bytes);

    public SessionOptions CreateSessionOptions()
    {
        var options = new SessionOptions { IntraOpNumThreads = 1 };
        _operators.AddTo(options);
        return options;
    }

    public void Dispose()
    {
        IsDisposed = true;
        _operators.Dispose();
    }
}
