namespace CacheProxy.Inference.Execution.Operators;

/// <summary>A product with its offsets, where no other operator stands behind it to add them.</summary>
/// <remarks>Inputs: product [T, N], sums [T, K/32], offsets. Output: [T, N].</remarks>
internal sealed unsafe class AddOffsetsKernel(int width) : OperatorKernel
{
    private const int Columns = 1024;

    private BlockOffsets _offsets;
    private float* _product, _whole;
    private int _rows, _columnTiles;

    public override void Compute(OperatorContext context)
    {
        _product = context.Input(0, width, out _rows);
        _offsets = context.Offsets(1, _rows);
        _whole = context.Output(0, _rows, width);
        _columnTiles = (width + Columns - 1) / Columns;
        RunTiles(context, (_rows + BlockOffsets.RowsAtOnce - 1) / BlockOffsets.RowsAtOnce * _columnTiles);
    }

    protected override void RunTile(int tile)
    {
        int row = tile / _columnTiles * BlockOffsets.RowsAtOnce, from = tile % _columnTiles * Columns;
        int rows = Math.Min(BlockOffsets.RowsAtOnce, _rows - row);
        _offsets.Finish(_product, width, row, rows, from, Math.Min(width, from + Columns), _whole + ((long)row * width) + from, width);
    }
}
