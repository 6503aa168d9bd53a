using System.Runtime.InteropServices;

namespace CacheProxy.Inference.Graph;

/// <summary>Memory outside the managed heap, aligned to 64 bytes, zeroed, committed page by page as it is touched.</summary>
internal sealed unsafe partial class NativeBuffer : SafeHandle
{
    /// <summary>Large buffers start on a huge page of Linux; a cache line does for the rest.</summary>
    private const long HugePage = 2 << 20, CacheLine = 64;

    /// <summary>MADV_HUGEPAGE.</summary>
    private const int AdviseHugePages = 14;

    private readonly void* _allocation;

    public NativeBuffer(long bytes)
        : base(0, ownsHandle: true)
    {
        // calloc of a large size is fresh zero pages from the kernel: nothing is touched here.
        long alignment = bytes >= 4 * HugePage ? HugePage : CacheLine;
        _allocation = NativeMemory.AllocZeroed((nuint)(bytes + alignment));
        SetHandle((nint)(((nint)_allocation + alignment - 1) & -alignment));
        ByteLength = bytes;
        if (alignment == HugePage && OperatingSystem.IsLinux())
        {
            // Blocks of a cache are scattered: with pages of 4 KiB nearly each of their lines would cost a walk of the page table.
            // Only advice, so a refusal does not matter.
            _ = Advise(handle, (nuint)(bytes & -HugePage), AdviseHugePages);
        }
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

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
