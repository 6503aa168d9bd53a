using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using CacheProxy.Inference.Execution.Operators;
using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Execution.Attention;

/// <summary>
/// Causal attention of one layer over the paged pool: rotates queries and keys, writes keys and values into their blocks, then attends.
/// Rows of any sequences, decoding or prefilling, in one call.
/// </summary>
/// <remarks>Inputs: queries, keys, values side by side [T, (H + 2 KV) * head], sums?, offsets?. Outputs: [T, H * head], sums [T, H * head / 32].</remarks>
internal sealed unsafe class PagedAttentionKernel(DecoderConfig config, StepPlan plan, KvPool pool, int layer) : OperatorKernel
{
    private readonly AttentionShape _shape = config.Attention[layer];
    private readonly AttentionTile _attention = new(config.Attention[layer], plan, pool, layer);
    private BlockOffsets _offsets;
    private float* _packed, _attended, _sums;
    private bool _writing;

    private int QueryWidth => _shape.QueryWidth;

    public override void Compute(OperatorContext context)
    {
        _packed = context.Input(0, _shape.PackedWidth, out int rows);
        _offsets = context.Offsets(1, rows);
        _attended = context.Output(0, rows, QueryWidth);
        _sums = context.Output(1, rows, QueryWidth / BlockSums.Block);
        _writing = true;
        RunTiles(context, RowTiles.Count(rows));
        _writing = false;
        RunTiles(context, plan.TileCount * _shape.KeyValueHeads);
        for (int row = 0; !_attention.WritesSums && row < rows; row++)
        {
            BlockSums.Write(_attended + ((long)row * QueryWidth), QueryWidth, _sums + ((long)row * (QueryWidth / BlockSums.Block)));
        }
    }

    protected override void RunTile(int tile)
    {
        if (_writing)
        {
            int size = RowTiles.Size(plan.TokenCount), end = Math.Min(plan.TokenCount, (tile + 1) * size);
            for (int row = tile * size; row < end; row += BlockOffsets.RowsAtOnce)
            {
                RotateAndWrite(row, Math.Min(BlockOffsets.RowsAtOnce, end - row));
            }
        }
        else
        {
            // Last tiles first: a prompt's later rows see more keys, and the long ones must not be left for the end.
            int reverse = (plan.TileCount * _shape.KeyValueHeads) - 1 - tile;
            _attention.Run(plan.Tiles[reverse / _shape.KeyValueHeads], reverse % _shape.KeyValueHeads, _attended, _sums);
        }
    }

    [SkipLocalsInit]
    private void RotateAndWrite(int row, int rows)
    {
        float* whole = stackalloc float[BlockOffsets.RowsAtOnce * _shape.PackedWidth];
        _offsets.Finish(_packed, _shape.PackedWidth, row, rows, 0, _shape.PackedWidth, whole, _shape.PackedWidth);
        for (int r = 0; r < rows; r++, row++, whole += _shape.PackedWidth)
        {
            float* rotation = plan.Rotation(row), queries = plan.Queries.Floats + ((long)row * QueryWidth);
            for (int head = 0; head < _shape.QueryHeads; head++)
            {
                Rotate(whole + (head * _shape.HeadSize), queries + (head * _shape.HeadSize), rotation);
            }

            WriteToPool(whole + QueryWidth, plan.Position(row), plan.BlockTable(row), rotation);
        }
    }

    private void WriteToPool(float* keysAndValues, int position, int[] blockTable, float* rotation)
    {
        int block = blockTable[position / KvPool.BlockSize], slot = position % KvPool.BlockSize;
        for (int head = 0; head < _shape.KeyValueHeads; head++)
        {
            float* key = keysAndValues + (head * _shape.HeadSize), value = key + (_shape.KeyValueHeads * _shape.HeadSize);
            Rotate(key, key, rotation);
            float* keys = pool.Keys(layer, block, head) + slot;
            for (int i = 0; i < _shape.HeadSize; i++)
            {
                keys[i * KvPool.BlockSize] = key[i];
            }

            new ReadOnlySpan<float>(value, _shape.HeadSize).CopyTo(new Span<float>(pool.Values(layer, block, head) + (slot * _shape.HeadSize), _shape.HeadSize));
        }
    }

    /// <summary>Rotates neighbouring pairs: x * cos + swapped(x) * (-sin, +sin).</summary>
    private void Rotate(float* source, float* target, float* rotation)
    {
        for (int i = 0; i < _shape.HeadSize; i += 8)
        {
            Vector256<float> x = Vector256.Load(source + i);
            Vector256<float> swapped = Vector256.Shuffle(x, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6));
            ((x * Vector256.Load(rotation + i)) + (swapped * Vector256.Load(rotation + _shape.HeadSize + i))).Store(target + i);
        }
    }
}
