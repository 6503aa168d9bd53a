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
}
