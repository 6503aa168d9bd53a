using System.Runtime.InteropServices;

namespace CacheProxy.Inference.Graph;

/// <summary>Memory outside the managed heap, aligned to 64 bytes, zeroed, committed page by page as it is touched.</summary>
internal sealed unsafe class NativeBuffer : SafeHandle
{
    private const int Alignment = 64;
    private readonly void* _allocation;

    public NativeBuffer(long bytes)
        : base(0, ownsHandle: true)
    {
        // calloc of a large size is fresh zero pages from the kernel: nothing is touched here.
        _allocation = NativeMemory.AllocZeroed((nuint)(bytes + Alignment));
        SetHandle(((nint)_allocation + Alignment - 1) & -Alignment);
        ByteLength = bytes;
    }

    public override bool IsInvalid => handle == 0;

    public long ByteLength { get; }

    public byte* Bytes => (byte*)handle;

    public float* Floats => (float*)handle;

    protected override bool ReleaseHandle()
    {
        NativeMemory.Free(_allocation);
        return true;
    }
}
