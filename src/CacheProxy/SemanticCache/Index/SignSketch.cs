using System.Runtime.Intrinsics;

namespace CacheProxy.SemanticCache.Index;

/// <summary>
/// One sign bit per component of the vector after a fixed random rotation. The rotation spreads every component over all bits, so that the
/// share of differing bits estimates the angle between two vectors (angle / pi, Charikar 2002) whatever few components an encoder writes large.
/// </summary>
public sealed class SignSketch
{
    // Standard deviations that a wanted neighbour may lie off its expected distance: one in 150,000 lies further.
    private const double Margin = 4.5;

    private readonly int _length;
    private readonly int _block;
    private readonly float[][] _signs;

    /// <param name="paddedLength">Bits of a sketch, a multiple of <see cref="VectorQuantizer.Lane"/>.</param>
    public SignSketch(int paddedLength)
    {
        _length = paddedLength;
        _block = paddedLength & -paddedLength;

        // The same in every process: 64-bit linear congruential numbers (Knuth's MMIX), highest bit.
        ulong state = 0x9E3779B97F4A7C15;
        _signs = [.. Enumerable.Range(0, 2).Select(_ => new float[paddedLength])];
        foreach (float[] signs in _signs)
        {
            for (int i = 0; i < signs.Length; i++)
            {
                state = (state * 6364136223846793005) + 1442695040888963407;
                signs[i] = state >> 63 == 0 ? 1 : -1;
            }
        }
    }

    /// <summary>Writes the bits [padded / 64] of a vector of any length up to the padded one.</summary>
    public void Write(ReadOnlySpan<float> vector, Span<ulong> bits)
    {
        Span<float> first = stackalloc float[_length];
        Span<float> second = stackalloc float[_length];
        first.Clear();
        vector.CopyTo(first);
        Turn(first, _signs[0]);

        // Column by column, so that the second turn mixes what lay in different blocks.
        int blocks = _length / _block;
        for (int i = 0; i < _length; i++)
        {
            second[i] = first[(i % blocks * _block) + (i / blocks)];
        }

        Turn(second, _signs[1]);
        WriteSigns(second, bits);
    }

    /// <summary>Differing bits beyond which a vector of this cosine is not to be expected; at most the length of a sketch.</summary>
    public int FarthestDistance(float cosine)
    {
        double share = Math.Acos(Math.Clamp(cosine, -1f, 1f)) / Math.PI;
        return (int)Math.Min(_length, Math.Ceiling((_length * share) + (Margin * Math.Sqrt(_length * share * (1 - share)))));
    }

    // Random signs, then a Walsh-Hadamard transform of each block, unscaled: only signs are read.
    private void Turn(Span<float> values, float[] signs)
    {
        for (int i = 0; i < values.Length; i += Vector256<float>.Count)
        {
            (Vector256.Create(values[i..]) * Vector256.Create(signs, i)).CopyTo(values[i..]);
        }

        for (int start = 0; start < values.Length; start += _block)
        {
            Span<float> block = values.Slice(start, _block);
            for (int half = 1; half < _block; half *= 2)
            {
                Butterflies(block, half);
            }
        }
    }

    private static void Butterflies(Span<float> values, int half)
    {
        for (int start = 0; start < values.Length; start += 2 * half)
        {
            Span<float> low = values.Slice(start, half), high = values.Slice(start + half, half);
            int i = 0;
            for (; i + Vector256<float>.Count <= half; i += Vector256<float>.Count)
            {
                Vector256<float> a = Vector256.Create(low[i..]), b = Vector256.Create(high[i..]);
                (a + b).CopyTo(low[i..]);
                (a - b).CopyTo(high[i..]);
            }

            for (; i < half; i++)
            {
                (low[i], high[i]) = (low[i] + high[i], low[i] - high[i]);
            }
        }
    }

    private static void WriteSigns(ReadOnlySpan<float> values, Span<ulong> bits)
    {
        bits.Clear();
        for (int i = 0; i < values.Length; i += Vector512<float>.Count)
        {
            ulong signs = Vector512.Create(values.Slice(i, Vector512<float>.Count)).ExtractMostSignificantBits();
            bits[i / VectorQuantizer.Lane] |= signs << (i % VectorQuantizer.Lane);
        }
    }
}
