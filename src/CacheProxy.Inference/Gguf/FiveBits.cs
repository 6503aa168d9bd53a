using System.Buffers.Binary;

namespace CacheProxy.Inference.Gguf;

/// <summary>Five-bit weights, and their place among eight-bit ones.</summary>
internal static class FiveBits
{
    /// <summary>Packed values stand around it, so that the part that 8-bit activations multiply is small.</summary>
    public const int Middle = 16;

    /// <param name="high">Four bytes: fifth bit j belongs to weight j.</param>
    /// <param name="nibbles">16 bytes: the low nibble of byte j is weight j, the high one weight j + 16.</param>
    /// <param name="codes">Receives 32 values from 0 to 31.</param>
    public static void Unpack(ReadOnlySpan<byte> high, ReadOnlySpan<byte> nibbles, Span<byte> codes)
    {
        uint bits = BinaryPrimitives.ReadUInt32LittleEndian(high);
        for (int j = 0; j < 16; j++)
        {
            codes[j] = (byte)((nibbles[j] & 15) | (int)((bits >> j << 4) & 16));
            codes[j + 16] = (byte)((nibbles[j] >> 4) | (int)((bits >> (j + 16) << 4) & 16));
        }
    }

    /// <summary>From 0..31 around <see cref="Middle"/> to the same around 128.</summary>
    public static void ToMiddle(Span<byte> codes)
    {
        foreach (ref byte code in codes[..32])
        {
            code += 128 - Middle;
        }
    }
}
