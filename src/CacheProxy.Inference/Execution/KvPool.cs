using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Execution;

/// <summary>
/// The keys and values of all cached tokens, in blocks of <see cref="BlockSize"/> tokens outside the managed heap. Memory is committed
/// when a block is first written.
/// </summary>
/// <remarks>
/// A block is one contiguous run of [layer][keys, then values]: keys are [head][float of the head][token], so that a vector holds one
/// float of 16 tokens; values are [head][token][float of the head]. Who owns which block is the scheduler's matter.
/// </remarks>
internal sealed unsafe class KvPool : IDisposable
{
    /// <summary>Tokens of a block: as many as a 512-bit vector has floats.</summary>
    public const int BlockSize = 16;

    private readonly NativeBuffer _memory;
    private readonly long _blockFloats;
    private readonly long _layerFloats;
    private readonly int _headFloats;

    public KvPool(int blocks, int layers, int heads, int headSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blocks, 1);
        BlockCount = blocks;
        _headFloats = headSize * BlockSize;
        _layerFloats = 2L * heads * _headFloats;
        _blockFloats = layers * _layerFloats;
        ValuesOffset = (long)heads * _headFloats;
        _memory = new NativeBuffer(BlockBytes * blocks);
    }

    public int BlockCount { get; }

    public long BlockBytes => _blockFloats * sizeof(float);

    /// <summary>What the bytes of a block mean, in words.</summary>
    public string Layout => $"float32 {BlockSize} {_blockFloats} {_layerFloats} {_headFloats}";

    /// <summary>Floats from a layer's keys to its values.</summary>
    private long ValuesOffset { get; }

    /// <summary>[head size, 16] of one head.</summary>
    public float* Keys(int layer, int block, int head) => _memory.Floats + (block * _blockFloats) + (layer * _layerFloats) + (head * _headFloats);

    /// <summary>[16, head size] of one head.</summary>
    public float* Values(int layer, int block, int head) => Keys(layer, block, head) + ValuesOffset;

    /// <summary>
    /// Copies a block with all its tokens: keys of one token are not contiguous, and what lies behind the tokens in use is never read
    /// before it is written.
    /// </summary>
    public void Copy(int source, int target) => Block(source).CopyTo(Block(target));

    /// <summary>A block's bytes, [BlockBytes].</summary>
    public Span<byte> Block(int block)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)block, (uint)BlockCount, nameof(block));
        return new Span<byte>(_memory.Bytes + (block * BlockBytes), checked((int)BlockBytes));
    }

    public void Dispose() => _memory.Dispose();
}
