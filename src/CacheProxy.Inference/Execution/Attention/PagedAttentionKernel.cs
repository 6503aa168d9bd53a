using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using CacheProxy.Inference.Execution.Operators;
using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Execution.Attention;

/// <summary>
/// Causal attention of one layer over the paged pool: adds biases, norms and rotates queries and keys, writes keys and values into their
/// blocks, then attends. Rows of any sequences, decoding or prefilling, in one call.
/// </summary>
/// <remarks>
/// Inputs: queries, keys, values side by side [T, (H + 2 KV) * head], sums?, offsets?, gamma of queries?, gamma of keys?,
/// bias [(H + 2 KV) * head]?. Outputs: [T, H * head], sums [T, H * head / 32].
/// </remarks>
internal sealed unsafe class PagedAttentionKernel : OperatorKernel
{
    public const int Inputs = 6, OptionalInputs = 0b111110;

    private readonly AttentionShape _shape;
    private readonly StepPlan _plan;
    private readonly KvLayer _cache;
    private readonly AttentionTile _attention;
    private readonly RotaryRows? _rotary;
    private readonly WriteHead _write;
    private readonly float _epsilon;
    private readonly int _queryWidth;
    private readonly int _packedWidth;
    private BlockOffsets _offsets;
    private float* _packed, _attended, _sums, _queryGamma, _keyGamma, _bias;
    private bool _writing;

    /// <param name="epsilon">Of the norms of queries and keys.</param>
    public PagedAttentionKernel(AttentionShape shape, float epsilon, StepPlan plan, KvLayer cache, KvDataType type)
    {
        (_shape, _epsilon, _plan, _cache) = (shape, epsilon, plan, cache);
        _attention = AttentionTile.Create(shape, plan, cache, type);
        _rotary = plan.RotationOf(shape);
        _write = type == KvDataType.Int8 ? Int8Element.Write : Float32Element.Write;
        (_queryWidth, _packedWidth) = (shape.QueryWidth, shape.PackedWidth);
    }

    private delegate void WriteHead(float* head, int headSize, byte* target, int stride, float* scale);

    public override void Compute(OperatorContext context)
    {
        _packed = context.Input(0, _packedWidth, out int rows);
        _offsets = context.Offsets(1, rows);
        _queryGamma = context.Input(3);
        _keyGamma = context.Input(4);
        _bias = context.Input(5);
        _attended = context.Output(0, rows, _queryWidth);
        _sums = context.Output(1, rows, _queryWidth / BlockSums.Block);
        _writing = true;
        RunTiles(context, RowTiles.Count(rows));
        _writing = false;
        RunTiles(context, _plan.TileCount * _shape.KeyValueHeads);
        for (int row = 0; !_attention.WritesSums && row < rows; row++)
        {
            BlockSums.Write(_attended + ((long)row * _queryWidth), _queryWidth, _sums + ((long)row * (_queryWidth / BlockSums.Block)));
        }
    }

    protected override void RunTile(int tile)
    {
        if (_writing)
        {
            int size = RowTiles.Size(_plan.TokenCount), end = Math.Min(_plan.TokenCount, (tile + 1) * size);
            for (int row = tile * size; row < end; row += BlockOffsets.RowsAtOnce)
            {
                PrepareRows(row, Math.Min(BlockOffsets.RowsAtOnce, end - row));
            }
        }
        else
        {
            // Last tiles first: a prompt's later rows see more keys, and the long ones must not be left for the end.
            int reverse = (_plan.TileCount * _shape.KeyValueHeads) - 1 - tile;
            _attention.Run(_plan.Tiles[reverse / _shape.KeyValueHeads], reverse % _shape.KeyValueHeads, _attended, _sums);
        }
    }

    [SkipLocalsInit]
    private void PrepareRows(int row, int rows)
    {
        float* whole = stackalloc float[BlockOffsets.RowsAtOnce * _packedWidth];
        _offsets.Finish(_packed, _packedWidth, row, rows, 0, _packedWidth, whole, _packedWidth);
        for (int r = 0; r < rows; r++, row++, whole += _packedWidth)
        {
            float* keys = whole + _queryWidth;
            AddBias(whole);
            if (_shape.HeadNorm != HeadNorm.None)
            {
                HeadNorms.Apply(_shape.HeadNorm, whole, _shape.QueryHeads, _shape.HeadSize, _queryGamma, _epsilon);
                HeadNorms.Apply(_shape.HeadNorm, keys, _shape.KeyValueHeads, _shape.HeadSize, _keyGamma, _epsilon);
            }

            Rotate(row, whole, _plan.Queries.Floats + ((long)row * _queryWidth), _shape.QueryHeads);
            if (_plan.HasSinks)
            {
                int sinkRow = _plan.SinkRow(row);
                Rotate(sinkRow, whole, _plan.Queries.Floats + ((long)sinkRow * _queryWidth), _shape.QueryHeads);
            }

            Rotate(row, keys, keys, _shape.KeyValueHeads);
            WriteToPool(keys, _plan.Position(row), _plan.BlockTable(row));
        }
    }

    private void AddBias(float* whole)
    {
        for (int i = 0; _bias is not null && i < _packedWidth; i += 16)
        {
            (Vector512.Load(whole + i) + Vector512.Load(_bias + i)).Store(whole + i);
        }
    }

    private void Rotate(int row, float* source, float* target, int heads)
    {
        if (_rotary is not null)
        {
            _rotary.Rotate(row, source, target, heads);
        }
        else if (source != target)
        {
            new ReadOnlySpan<float>(source, heads * _shape.HeadSize).CopyTo(new Span<float>(target, heads * _shape.HeadSize));
        }
    }

    private void WriteToPool(float* keys, int position, int[] blockTable)
    {
        int block = blockTable[position / KvPool.BlockSize], slot = position % KvPool.BlockSize, size = _shape.HeadSize;
        float* values = keys + _shape.CachedWidth;
        for (int head = 0; head < _shape.KeyValueHeads; head++, keys += size, values += size)
        {
            _write(keys, size, _cache.Keys(block, head) + (slot * _cache.ElementBytes), KvPool.BlockSize, _cache.KeyScales(block, head) + slot);
            _write(values, size, _cache.Values(block, head) + (slot * size * _cache.ElementBytes), 1, _cache.ValueScales(block, head) + slot);
        }
    }
}
