namespace CacheProxy.Inference.Safetensors.Quantization;

/// <summary>Scales and zero points beside grouped weights.</summary>
internal static class GroupedTensors
{
    /// <summary>[groups, outputs] to [outputs, groups].</summary>
    public static float[] Transpose(StoredTensor scales)
    {
        float[] stored = scales.ReadFloats(), turned = new float[stored.Length];
        int groups = scales.Rows, outputs = scales.Columns;
        for (int n = 0; n < outputs; n++)
        {
            for (int g = 0; g < groups; g++)
            {
                turned[(n * groups) + g] = stored[(g * outputs) + n];
            }
        }

        return turned;
    }

    /// <summary>The same zero point everywhere.</summary>
    public static short[] Constant(int count, int zero)
    {
        short[] zeros = new short[count];
        Array.Fill(zeros, (short)zero);
        return zeros;
    }
}
