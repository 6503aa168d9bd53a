namespace CacheProxy.Inference.Tiers;

/// <summary>Hands out block buffers and keeps a few that came back, whose pages are touched already. Engine thread alone.</summary>
internal sealed class BlockBuffers(int bytes, int kept) : IDisposable
{
    private readonly Stack<BlockBuffer> _idle = new();

    public BlockBuffer Rent() => _idle.TryPop(out BlockBuffer? buffer) ? buffer : new BlockBuffer(bytes);

    public void Return(BlockBuffer buffer)
    {
        if (_idle.Count < kept)
        {
            _idle.Push(buffer);
            return;
        }

        buffer.Free();
    }

    public void Dispose()
    {
        while (_idle.TryPop(out BlockBuffer? buffer))
        {
            buffer.Free();
        }
    }
}
