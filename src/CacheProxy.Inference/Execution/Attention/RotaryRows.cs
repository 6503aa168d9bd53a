using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Execution.Attention;

/// <summary>The cosines and sines of a step's rows for one rotary table, and the rotation of heads by them.</summary>
internal abstract unsafe class RotaryRows(RotaryTable table, int headSize, int rows) : IDisposable
{
    private readonly NativeBuffer _rows = new(2L * rows * headSize * sizeof(float));

    protected int HeadSize => headSize;

    /// <summary>Floats of a head that turn; the rest stays as it is.</summary>
    protected int Rotated { get; } = 2 * table.Frequencies.Length;

    public static RotaryRows Create(RotaryTable table, AttentionShape shape, int rows)
    {
        int longest = Math.Max(table.Frequencies.Length, table.LongFrequencies?.Length ?? 0);
        if (2 * longest > shape.HeadSize || (table.LongFrequencies is { } others && others.Length != table.Frequencies.Length))
        {
            throw new ArgumentException($"{longest} rotary pairs do not fit heads of {shape.HeadSize}.", nameof(table));
        }

        return shape.Layout == RotaryLayout.Pairs ? new PairRotary(table, shape.HeadSize, rows) : new HalfRotary(table, shape.HeadSize, rows);
    }

    /// <summary>Longrope has other frequencies beyond its original context.</summary>
    public bool IsLong(int total) => table.LongFrequencies is not null && total > table.OriginalContext;

    /// <summary>
    /// Computed for each step instead of kept for the whole context: 32 pairs take about a microsecond.
    /// </summary>
    /// <param name="total">Length of the whole sequence.</param>
    public void Prepare(int row, int position, int total)
    {
        double[] frequencies = IsLong(total) ? table.LongFrequencies! : table.Frequencies;
        float* cosines = Row(row), sines = cosines + headSize;
        for (int pair = 0; pair < frequencies.Length; pair++)
        {
            (double sine, double cosine) = Math.SinCos(position * frequencies[pair]);
            Write(cosines, sines, pair, (float)(cosine * table.Magnitude), (float)(sine * table.Magnitude));
        }
    }

    /// <summary>Rotates the heads of one row; source and target may be the same.</summary>
    public abstract void Rotate(int row, float* source, float* target, int heads);

    public void Dispose() => _rows.Dispose();

    /// <summary>[head size] for cosines, [head size] for sines.</summary>
    protected float* Row(int row) => _rows.Floats + (2L * row * headSize);

    protected abstract void Write(float* cosines, float* sines, int pair, float cosine, float sine);
}
