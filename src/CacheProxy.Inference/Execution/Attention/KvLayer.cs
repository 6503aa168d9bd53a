using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Execution.Attention;

/// <summary>One layer's part of the blocks of a <see cref="KvPool"/>.</summary>
/// <remarks>
/// [keys, values, scales]: keys are [head][element of the head][token], so that a vector holds one element of 16 tokens; values are
/// [head][token][element of the head]; the scales, of 8-bit elements alone, are [head][token] for the keys, then for the values.
/// </remarks>
internal readonly unsafe struct KvLayer
{
    private readonly byte* _first;
    private readonly long _blockBytes;
    private readonly long _headBytes;
    private readonly long _valuesOffset;
    private readonly long _scalesOffset;
    private readonly long _valueScales;

    /// <param name="first">This layer's part of block 0.</param>
    /// <param name="blockBytes">From one block to the next.</param>
    public KvLayer(byte* first, long blockBytes, AttentionShape shape, KvDataType type)
    {
        _first = first;
        _blockBytes = blockBytes;
        ElementBytes = BytesOf(type);
        _headBytes = (long)shape.HeadSize * KvPool.BlockSize * ElementBytes;
        _valuesOffset = shape.KeyValueHeads * _headBytes;
        _scalesOffset = 2 * _valuesOffset;
        _valueScales = (long)shape.KeyValueHeads * KvPool.BlockSize;
    }

    /// <summary>Of one number of a key or value.</summary>
    public int ElementBytes { get; }

    public static long BytesOf(AttentionShape shape, KvDataType type) =>
        2L * shape.KeyValueHeads * KvPool.BlockSize * ((shape.HeadSize * BytesOf(type)) + (type == KvDataType.Int8 ? sizeof(float) : 0));

    /// <summary>[head size, 16] of one head.</summary>
    public byte* Keys(int block, int head) => _first + (block * _blockBytes) + (head * _headBytes);

    /// <summary>[16, head size] of one head.</summary>
    public byte* Values(int block, int head) => Keys(block, head) + _valuesOffset;

    /// <summary>[16] of one head.</summary>
    public float* KeyScales(int block, int head) => (float*)(_first + (block * _blockBytes) + _scalesOffset) + (head * KvPool.BlockSize);

    /// <summary>[16] of one head.</summary>
    public float* ValueScales(int block, int head) => KeyScales(block, head) + _valueScales;

    private static int BytesOf(KvDataType type) => type == KvDataType.Int8 ? sizeof(sbyte) : sizeof(float);
}
