namespace CacheProxy.Inference.Weights;

/// <summary>How a matrix can go into a product of the runtime without rounding its weights anew.</summary>
public enum WeightPacking
{
    /// <summary>As fp32, row by row.</summary>
    Floats,

    /// <summary>Blocks of 32 neighbours of a row: 4-bit values around 8, a scale and maybe an offset for each block.</summary>
    Bits4,

    /// <summary>The same with 8-bit values around 128.</summary>
    Bits8,

    /// <summary>Blocks of 16 neighbours: 8-bit values around 128 and a scale, no offsets.</summary>
    Bits8By16,
}

/// <summary>Sizes of the packed forms.</summary>
internal static class WeightPackings
{
    /// <summary>Neighbours that share a scale; 0 for floats.</summary>
    public static int BlockSize(this WeightPacking packing) => packing switch
    {
        WeightPacking.Floats => 0,
        WeightPacking.Bits8By16 => 16,
        _ => 32,
    };

    /// <summary>Bits of a weight; 32 for floats.</summary>
    public static int Bits(this WeightPacking packing) => packing switch
    {
        WeightPacking.Floats => 32,
        WeightPacking.Bits4 => 4,
        _ => 8,
    };
}
