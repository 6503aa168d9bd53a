using System.Runtime.Intrinsics;

namespace CacheProxy.Inference.Execution.Operators;

/// <summary>
/// Closes a sublayer: residual' = residual + product (with its offsets), normed = residual' / rms(residual') * gamma, and the sums of normed.
/// With another gamma for behind the sublayer the product is normed before it is added; without the first one, normed is residual' itself.
/// </summary>
/// <remarks>Inputs: product [T, D], sums [T, K/32]?, offsets?, gamma [D]?, residual [T, D]?, gamma behind [D]?. Outputs: normed [T, D], sums [T, D/32], residual' [T, D].</remarks>
internal sealed unsafe class AddNormKernel(int width, float epsilon) : OperatorKernel
{
    private BlockOffsets _offsets;
    private float* _product, _gamma, _residual, _gammaBehind, _normed, _sums, _sum;
    private int _rows;

    public override void Compute(OperatorContext context)
    {
        _product = context.Input(0, width, out _rows);
        _offsets = context.Offsets(1, _rows);
        _gamma = context.Input(3);
        _residual = context.Input(4);
        _gammaBehind = context.Input(5);
        _normed = context.Output(0, _rows, width);
        _sums = context.Output(1, _rows, width / BlockSums.Block);
        _sum = context.Output(2, _rows, width);
        RunTiles(context, RowTiles.Count(_rows));
    }

    protected override void RunTile(int tile)
    {
        int end = Math.Min(_rows, (tile + 1) * RowTiles.Size(_rows));
        for (int row = tile * RowTiles.Size(_rows); row < end; row += BlockOffsets.RowsAtOnce)
        {
            int rows = Math.Min(BlockOffsets.RowsAtOnce, end - row);
            _offsets.Finish(_product, width, row, rows, 0, width, _sum + ((long)row * width), width);
            for (int r = row; r < row + rows; r++)
            {
                Normalize(r);
            }
        }
    }

    private void Normalize(int row)
    {
        float* sum = _sum + ((long)row * width), normed = _normed + ((long)row * width);
        if (_gammaBehind is not null)
        {
            Norm(sum, Squares(sum), _gammaBehind, sum);
        }

        Vector512<float> squares = Vector512<float>.Zero;
        for (int i = 0; i < width; i += 16)
        {
            Vector512<float> x = Vector512.Load(sum + i);
            if (_residual is not null)
            {
                x += Vector512.Load(_residual + ((long)row * width) + i);
                x.Store(sum + i);
            }

            squares = Vector512.FusedMultiplyAdd(x, x, squares);
        }

        if (_gamma is not null)
        {
            Norm(sum, squares, _gamma, normed);
        }
        else
        {
            new ReadOnlySpan<float>(sum, width).CopyTo(new Span<float>(normed, width));
        }

        BlockSums.Write(normed, width, _sums + ((long)row * (width / BlockSums.Block)));
    }

    private Vector512<float> Squares(float* values)
    {
        Vector512<float> squares = Vector512<float>.Zero;
        for (int i = 0; i < width; i += 16)
        {
            Vector512<float> x = Vector512.Load(values + i);
            squares = Vector512.FusedMultiplyAdd(x, x, squares);
        }

        return squares;
    }

    private void Norm(float* source, Vector512<float> squares, float* gamma, float* target)
    {
        float scale = 1 / MathF.Sqrt((Vector512.Sum(squares) / width) + epsilon);
        for (int i = 0; i < width; i += 16)
        {
            (Vector512.Load(source + i) * scale * Vector512.Load(gamma + i)).Store(target + i);
        }
    }
}
