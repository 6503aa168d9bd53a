namespace CacheProxy.Inference.Tests.Fuzz;

/// <summary>Damages bytes in the ways that truncated copies, bad disks and hostile authors do.</summary>
internal static class BytesMutator
{
    /// <param name="random">Decides everything.</param>
    /// <param name="source">A sound file; left as it is.</param>
    /// <param name="reach">Most damage falls among this many first bytes.</param>
    public static byte[] Mutate(Random random, byte[] source, int reach)
    {
        byte[] bytes = [.. source];
        for (int change = random.Next(1, 4); change > 0 && bytes.Length > 8; change--)
        {
            int at = random.Next(Math.Min(bytes.Length, random.Next(8) == 0 ? bytes.Length : reach));
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    Array.Resize(ref bytes, random.Next(2) == 0 ? at : bytes.Length - random.Next(1, 9));
                    break;
                case 3:
                    Write(bytes, at, Length(random, bytes.Length), sizeof(ulong));
                    break;
                case 4:
                    Write(bytes, at, Length(random, bytes.Length), sizeof(uint));
                    break;
                case 5:
                    int count = Math.Min(random.Next(1, 64), bytes.Length - at), from = random.Next(bytes.Length - count + 1);
                    Array.Copy(bytes, from, bytes, at, count);
                    break;
                default:
                    bytes = [.. bytes[..at], .. new byte[random.Next(1, 40)], .. bytes[at..]];
                    break;
            }
        }

        return bytes;
    }

    /// <summary>Counts, lengths and offsets at which arithmetic goes wrong.</summary>
    private static ulong Length(Random random, int size) => random.Next(9) switch
    {
        0 => 0,
        1 => (ulong)size,
        2 => (ulong)size + 1,
        3 => int.MaxValue,
        4 => uint.MaxValue,
        5 => long.MaxValue,
        6 => ulong.MaxValue,
        7 => 1ul << random.Next(64),
        _ => (ulong)random.Next(1 << 20),
    };

    private static void Write(byte[] bytes, int at, ulong value, int width)
    {
        for (int i = 0; i < width && at + i < bytes.Length; i++)
        {
            bytes[at + i] = (byte)(value >> (8 * i));
        }
    }
}
