using CacheProxy.Inference.Execution.Attention;
using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Execution;

/// <summary>
/// The keys and values of all cached tokens, in blocks of <see cref="BlockSize"/> tokens outside the managed heap. Memory is committed
/// when a block is first written.
/// </summary>
/// <remarks>A block is one contiguous run of <see cref="KvLayer"/>s. Who owns which block is the scheduler's matter.</remarks>
internal sealed unsafe class KvPool : IDisposable
{
    /// <summary>Tokens of a block: as many as a 512-bit vector has floats.</summary>
    public const int BlockSize = 16;

    private readonly NativeBuffer _memory;
    private readonly KvLayer[] _layers;

    /// <param name="blocks">Blocks of the pool.</param>
    /// <param name="type">Of keys and values.</param>
    /// <param name="layers">Heads and head size of each layer.</param>
    public KvPool(int blocks, KvDataType type, IReadOnlyList<AttentionShape> layers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blocks, 1);
        BlockCount = blocks;
        BlockBytes = layers.Sum(shape => KvLayer.BytesOf(shape, type));
        _memory = new NativeBuffer(BlockBytes * blocks);
        _layers = new KvLayer[layers.Count];
        long offset = 0;
        for (int layer = 0; layer < layers.Count; layer++)
        {
            _layers[layer] = new KvLayer(_memory.Bytes + offset, BlockBytes, layers[layer], type);
            offset += KvLayer.BytesOf(layers[layer], type);
        }
    }

    public int BlockCount { get; }

    public long BlockBytes { get; }

    public KvLayer Layer(int layer) => _layers[layer];

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
