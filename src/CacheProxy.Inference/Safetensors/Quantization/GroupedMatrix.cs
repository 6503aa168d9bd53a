using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Safetensors.Quantization;

/// <summary>Whole-number weights with a scale and a zero point for each group of inputs: weight = scale * (code - zero).</summary>
/// <remarks>
/// With the middle m of MatMulNBits (8 or 128) the same is scale * (code - m) + scale * (m - zero): exact in blocks of 32 as long as no
/// block lies in two groups. The codes are unpacked when the first row is read and held as long as this object.
/// </remarks>
internal sealed class GroupedMatrix(string name, int rows, int columns, int bits, Lazy<GroupedWeights> content) : IWeightMatrix
{
    private const int Block = 32;

    private readonly int _middle = 1 << (bits - 1);

    public string Name => name;

    public int Rows => rows;

    public int Columns => columns;

    public WeightPacking Packing => columns % Block != 0 || content.Value.GroupOf is not null || content.Value.GroupSize % Block != 0
        ? WeightPacking.Floats
        : bits == 4 ? WeightPacking.Bits4 : WeightPacking.Bits8;

    public bool HasOffsets => Packing != WeightPacking.Floats && content.Value.Zeros.AsSpan().ContainsAnyExcept((short)_middle);

    public void Dequantize(int row, Span<float> weights)
    {
        GroupedWeights held = content.Value;
        ReadOnlySpan<byte> codes = held.Codes.AsSpan(row * columns, columns);
        int groups = held.Groups(rows), first = row * groups;
        for (int k = 0; k < codes.Length; k++)
        {
            int group = first + (held.GroupOf is { } map ? map[k] : k / held.GroupSize);
            weights[k] = held.Scales[group] * (codes[k] - held.Zeros[group]);
        }
    }

    public void Pack(int row, Span<byte> quants, Span<float> scales, Span<float> offsets)
    {
        GroupedWeights held = content.Value;
        ReadOnlySpan<byte> codes = held.Codes.AsSpan(row * columns, columns);
        int first = row * held.Groups(rows);
        for (int block = 0; block < columns / Block; block++)
        {
            int group = first + (block * Block / held.GroupSize);
            scales[block] = held.Scales[group];
            if (!offsets.IsEmpty)
            {
                offsets[block] = held.Scales[group] * (_middle - held.Zeros[group]);
            }
        }

        if (bits == 8)
        {
            codes.CopyTo(quants);
            return;
        }

        for (int i = 0; i < codes.Length / 2; i++)
        {
            quants[i] = (byte)(codes[2 * i] | (codes[(2 * i) + 1] << 4));
        }
    }
}
