namespace CacheProxy.Inference.Weights;

/// <summary>One matrix of a model, whatever its storage. Any thread; valid while its checkpoint is open.</summary>
public interface IWeightMatrix
{
    /// <summary>Canonical name, see <see cref="ICheckpoint.Get"/>.</summary>
    string Name { get; }

    /// <summary>Outputs of a projection; 1 for a vector.</summary>
    int Rows { get; }

    /// <summary>Inputs of a projection: the weights of one row.</summary>
    int Columns { get; }

    /// <summary>Blocks need <see cref="Columns"/> to be a multiple of their size.</summary>
    WeightPacking Packing { get; }

    /// <summary>Whether the blocks have offsets; without, <see cref="Pack"/> takes an empty span for them.</summary>
    bool HasOffsets { get; }

    /// <summary>The exact value of one row, [Columns].</summary>
    void Dequantize(int row, Span<float> weights);

    /// <summary>
    /// One row in blocks (B neighbours, see <see cref="WeightPacking"/>): weight = scale * (quant - middle) + offset, the middle 8 or 128. Not for <see cref="WeightPacking.Floats"/>.
    /// </summary>
    /// <param name="row">0 to <see cref="Rows"/> - 1.</param>
    /// <param name="quants">[Columns] of 8 bits or [Columns / 2], unsigned; of 4-bit values the even one of each pair in the low nibble.</param>
    /// <param name="scales">[Columns / B].</param>
    /// <param name="offsets">[Columns / B], or empty.</param>
    void Pack(int row, Span<byte> quants, Span<float> scales, Span<float> offsets);
}
