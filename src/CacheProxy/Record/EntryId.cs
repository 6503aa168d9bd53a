using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CacheProxy.Record;

/// <summary>
/// New ids of entries, in lower-case hex: 48 bits of the time in milliseconds since 1970, then 80 bits of the system's generator. Stores file entries by their ids too: those of one
/// time lie side by side there, where ids drawn by lot would have a page written for each entry.
/// </summary>
/// <remarks>The generator is asked for 64 at a time: one alone costs a microsecond.</remarks>
internal static class EntryId
{
    private const int IdBytes = 16;
    private const int TimeBytes = 6;
    private const int DrawnBytes = IdBytes - TimeBytes;
    private const int DrawnAtOnce = 64;

    [ThreadStatic]
    private static byte[]? s_drawn;

    [ThreadStatic]
    private static int s_used;

    /// <param name="time">About now; an earlier or a wrong one does no harm.</param>
    public static string New(DateTimeOffset time)
    {
        byte[] drawn = s_drawn ??= new byte[DrawnAtOnce * DrawnBytes];
        if (s_used == 0)
        {
            RandomNumberGenerator.Fill(drawn);
        }

        Span<byte> id = stackalloc byte[sizeof(ushort) + IdBytes];
        BinaryPrimitives.WriteInt64BigEndian(id, time.ToUnixTimeMilliseconds());
        id = id[sizeof(ushort)..];
        drawn.AsSpan(s_used, DrawnBytes).CopyTo(id[TimeBytes..]);
        s_used = (s_used + DrawnBytes) % drawn.Length;
        return Convert.ToHexStringLower(id);
    }
}
