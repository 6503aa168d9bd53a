using System.Runtime.InteropServices;

namespace CacheProxy.Inference.Tiers;

/// <summary>Room for one block's bytes outside the managed heap.</summary>
internal sealed unsafe class BlockBuffer(int bytes)
{
    private void* _memory = NativeMemory.AlignedAlloc((nuint)bytes, 4096);

    public Span<byte> Bytes => new(_memory, bytes);

    public void Free()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
