namespace CacheProxy.Inference.Execution.Device;

/// <summary>
/// The KV blocks of all layers on a device, as com.microsoft.PagedAttention wants them: for each layer keys, then values,
/// [blocks, block size, key heads, head size].
/// </summary>
internal sealed unsafe class DeviceKvPool : IDisposable
{
    private readonly IDevice _device;
    private readonly DeviceBuffer _memory;
    private readonly int _layers;
    private readonly long _tokenBytes;

    public DeviceKvPool(IDevice device, int blocks, int blockSize, int layers, int heads, int headSize, int elementBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blocks, 1);
        (_device, _layers, BlockCount, BlockSize) = (device, layers, blocks, blockSize);
        _tokenBytes = (long)heads * headSize * elementBytes;
        Shape = [blocks, blockSize, heads, headSize];
        _memory = new DeviceBuffer(device, 2 * layers * TensorBytes);
    }

    public int BlockCount { get; }

    public int BlockSize { get; }

    /// <summary>Of one layer's keys, and of its values.</summary>
    public long[] Shape { get; }

    public long TensorBytes => BlockCount * PartBytes;

    /// <summary>Bytes of one block, all layers.</summary>
    public long BlockBytes => 2 * _layers * PartBytes;

    /// <summary>One layer's keys (or values) of one block.</summary>
    private long PartBytes => BlockSize * _tokenBytes;

    public nint Keys(int layer) => _memory.Address + (nint)(2 * layer * TensorBytes);

    public nint Values(int layer) => Keys(layer) + (nint)TensorBytes;

    /// <summary>Copies the first <paramref name="tokens"/> tokens of a block into another.</summary>
    public void Copy(int source, int target, int tokens)
    {
        for (int part = 0; part < 2 * _layers; part++)
        {
            _device.Copy(Part(part, target), Part(part, source), tokens * _tokenBytes);
        }
    }

    /// <param name="bytes">[layer][keys, values][block size, key heads, head size], <see cref="BlockBytes"/>.</param>
    public void Read(int block, Span<byte> bytes)
    {
        fixed (byte* target = bytes[..(int)BlockBytes])
        {
            for (int part = 0; part < 2 * _layers; part++)
            {
                _device.Download(target + (part * PartBytes), Part(part, block), PartBytes);
            }
        }
    }

    /// <inheritdoc cref="Read"/>
    public void Write(int block, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* source = bytes[..(int)BlockBytes])
        {
            for (int part = 0; part < 2 * _layers; part++)
            {
                _device.Upload(Part(part, block), source + (part * PartBytes), PartBytes);
            }
        }
    }

    public void Dispose() => _memory.Dispose();

    private nint Part(int part, int block)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)block, (uint)BlockCount, nameof(block));
        return _memory.Address + (nint)((part * TensorBytes) + (block * PartBytes));
    }
}
