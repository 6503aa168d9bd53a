using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CacheProxy.Inference.Execution.Operators;

/// <summary>f(gate) * up, gate and up with their offsets, and the sums of the result.</summary>
/// <remarks>Inputs: gate and up side by side [T, 2F], sums [T, K/32]?, offsets?. Outputs: [T, F], sums [T, F/32].</remarks>
internal sealed unsafe class GatedKernel<TGate>(int width) : OperatorKernel
    where TGate : struct, IGate
{
    /// <summary>Columns finished at a time: gate and up of four rows fill 4 KiB of stack.</summary>
    private const int Columns = 128;

    /// <summary>Columns of one tile while there are too few rows to go round.</summary>
    private const int TileColumns = 3 * Columns;

    private BlockOffsets _offsets;
    private float* _product, _gated, _sums;
    private int _rows, _columnTiles;

    public override void Compute(OperatorContext context)
    {
        _product = context.Input(0, 2 * width, out _rows);
        _offsets = context.Offsets(1, _rows);
        _gated = context.Output(0, _rows, width);
        _sums = context.Output(1, _rows, width / BlockSums.Block);
        _columnTiles = _rows <= 4 * BlockOffsets.RowsAtOnce ? (width + TileColumns - 1) / TileColumns : 1;
        RunTiles(context, RowTiles.Count(_rows) * _columnTiles);
    }

    protected override void RunTile(int tile)
    {
        int rowTile = tile / _columnTiles, columnTile = tile % _columnTiles, size = RowTiles.Size(_rows);
        int end = Math.Min(_rows, (rowTile + 1) * size);
        int from = columnTile * TileColumns, to = _columnTiles == 1 ? width : Math.Min(width, from + TileColumns);
        for (int row = rowTile * size; row < end; row += BlockOffsets.RowsAtOnce)
        {
            for (int column = from; column < to; column += Columns)
            {
                Gate(row, Math.Min(BlockOffsets.RowsAtOnce, end - row), column, Math.Min(to, column + Columns));
            }
        }
    }

    [SkipLocalsInit]
    private void Gate(int row, int rows, int from, int to)
    {
        float* gate = stackalloc float[BlockOffsets.RowsAtOnce * Columns], up = stackalloc float[BlockOffsets.RowsAtOnce * Columns];
        _offsets.Finish(_product, 2 * width, row, rows, from, to, gate, Columns);
        _offsets.Finish(_product, 2 * width, row, rows, width + from, width + to, up, Columns);
        for (int r = 0; r < rows; r++)
        {
            float* target = _gated + ((long)(row + r) * width) + from;
            for (int i = 0; i < to - from; i += 16)
            {
                Vector512<float> x = Vector512.Load(gate + (r * Columns) + i);
                (TGate.Apply(x) * Vector512.Load(up + (r * Columns) + i)).Store(target + i);
            }

            BlockSums.Write(target, to - from, _sums + ((long)(row + r) * (width / BlockSums.Block)) + (from / BlockSums.Block));
        }
    }
}
