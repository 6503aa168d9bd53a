using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Weights;

/// <summary>What a matrix says of itself in the two forms that a product can take it in.</summary>
internal static class PackedRows
{
    /// <summary>The row as its blocks say it: scale * (quant - middle) + offset.</summary>
    public static float[] Unpack(this IWeightMatrix matrix, int row)
    {
        int block = matrix.Packing.BlockSize(), bits = matrix.Packing.Bits(), blocks = matrix.Columns / block;
        byte[] quants = new byte[matrix.Columns * bits / 8];
        float[] scales = new float[blocks], offsets = new float[matrix.HasOffsets ? blocks : 0], weights = new float[matrix.Columns];
        matrix.Pack(row, quants, scales, offsets);
        for (int i = 0; i < weights.Length; i++)
        {
            int quant = bits == 8 ? quants[i] : i % 2 == 0 ? quants[i / 2] & 15 : quants[i / 2] >> 4;
            weights[i] = (scales[i / block] * (quant - (1 << (bits - 1)))) + (offsets.Length > 0 ? offsets[i / block] : 0);
        }

        return weights;
    }

    public static float[] Dequantize(this IWeightMatrix matrix, int row)
    {
        float[] weights = new float[matrix.Columns];
        matrix.Dequantize(row, weights);
        return weights;
    }

    /// <summary>Both forms of every row agree, but for the last bits of a sum.</summary>
    public static void AssertPackedAsDequantized(this IWeightMatrix matrix)
    {
        for (int row = 0; row < matrix.Rows; row++)
        {
            float[] expected = matrix.Dequantize(row), found = matrix.Unpack(row);
            float largest = expected.Max(Math.Abs);
            Assert.All(expected.Zip(found), pair => Assert.InRange(pair.Second - pair.First, -largest * 1e-6f, largest * 1e-6f));
        }
    }
}
