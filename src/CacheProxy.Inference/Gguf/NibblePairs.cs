using System.Runtime.Intrinsics;

namespace CacheProxy.Inference.Gguf;

/// <summary>32 four-bit weights from GGUF's order to MatMulNBits': weights j and j + 16 of byte j become weights 2j and 2j + 1; low nibble first.</summary>
internal static class NibblePairs
{
    /// <param name="source">16 bytes.</param>
    /// <param name="target">16 bytes.</param>
    public static void Pack(ReadOnlySpan<byte> source, Span<byte> target)
    {
        Vector128<byte> packed = Vector128.Create(source);
        Vector128.Narrow(Pairs(packed & Vector128.Create((byte)15)), Pairs(packed >> 4)).CopyTo(target);
    }

    /// <summary>The low, or the high, nibbles of 32 bytes in their order.</summary>
    /// <param name="source">32 bytes.</param>
    /// <param name="high">Which nibble of each.</param>
    /// <param name="target">16 bytes.</param>
    public static void PackHalf(ReadOnlySpan<byte> source, bool high, Span<byte> target)
    {
        Vector128<byte> first = Vector128.Create(source), second = Vector128.Create(source[16..]), mask = Vector128.Create((byte)15);
        Vector128.Narrow(Pairs(high ? first >> 4 : first & mask), Pairs(high ? second >> 4 : second & mask)).CopyTo(target);
    }

    /// <summary>Neighbouring nibbles, each in its own byte, into the low byte of each 16-bit lane.</summary>
    private static Vector128<ushort> Pairs(Vector128<byte> nibbles)
    {
        Vector128<ushort> pairs = nibbles.AsUInt16();
        return (pairs | (pairs >> 4)) & Vector128.Create((ushort)0xFF);
    }
}
