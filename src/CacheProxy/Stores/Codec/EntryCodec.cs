using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using CacheProxy.Exchange;

namespace CacheProxy.Stores.Codec;

// Frame, little endian:
//
//   0   3  "CPE"
//   3   1  layout version, 5
//   4   1  flags; bit 0: the payload is Brotli; an unknown bit set reads as a miss
//   5   4  bytes of the payload as stored (= all that follows the frame)
//   9   4  bytes of the payload before compression
//  13  16  XXH3 (128 bits) of the stored payload, seeded by XXH3 (64 bits) of bytes 0..12
//  29   n  payload
//
// Payload: the fields of EntryPayload, in its order. All of it is compressed together, because events
// that are kept beside the body repeat what it holds.

/// <summary>
/// Bytes of an entry as every store outside this process keeps them. Reading never throws and never gives another
/// entry than the one written: bytes that are damaged, cut, or of an unknown version read as null.
/// </summary>
public static class EntryCodec
{
    public const byte Version = 5;

    // Beneath it Brotli costs 10 us and up for a few hundred bytes: as much as everything else that storing an entry takes.
    private const int SmallestCompressed = 4096;

    // The largest recorded answer is far below; this only stops a forged length from taking the memory.
    private const int LargestPayload = 256 << 20;

    private const byte BrotliFlag = 1;
    private const int StoredLengthAt = 5;
    private const int PayloadLengthAt = 9;
    private const int ChecksumAt = 13;
    private const int ChecksumBytes = 16;
    private const int FrameBytes = ChecksumAt + ChecksumBytes;

    // Quality 1 and a 256 KiB window: the size gain of higher qualities costs several times the time.
    private const int BrotliQuality = 1;
    private const int BrotliWindow = 18;

    private static ReadOnlySpan<byte> Magic => "CPE"u8;

    /// <summary>The entry as bytes, owned by the caller.</summary>
    public static byte[] Encode(CacheEntry entry)
    {
        var writer = new PayloadWriter(EntrySize.Estimate(entry));
        try
        {
            EntryPayload.Write(ref writer, entry);
            return Frame(writer.Written);
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>The entry, or null when the bytes are not one that this version wrote whole.</summary>
    public static CacheEntry? Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FrameBytes || !bytes.StartsWith(Magic) || bytes[3] != Version || (bytes[4] & ~BrotliFlag) != 0)
        {
            return null;
        }

        ReadOnlySpan<byte> stored = bytes[FrameBytes..];
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[PayloadLengthAt..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[StoredLengthAt..]) != stored.Length || length > LargestPayload)
        {
            return null;
        }

        Span<byte> checksum = stackalloc byte[ChecksumBytes];
        Checksum(bytes[..ChecksumAt], stored, checksum);
        if (!checksum.SequenceEqual(bytes[ChecksumAt..FrameBytes]))
        {
            return null;
        }

        return (bytes[4] & BrotliFlag) == 0 ? Parse(stored, (int)length) : Inflate(stored, (int)length);
    }

    /// <summary>The entry of that fingerprint; null also when the bytes hold another one.</summary>
    public static CacheEntry? Decode(ReadOnlySpan<byte> bytes, Fingerprint256 fingerprint)
        => Decode(bytes) is { } entry && entry.Fingerprint == fingerprint ? entry : null;

    private static byte[] Frame(ReadOnlySpan<byte> payload)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(FrameBytes + BrotliEncoder.GetMaxCompressedLength(payload.Length));
        try
        {
            bool isBrotli = TryDeflate(payload, rented.AsSpan(FrameBytes), out int storedLength);
            if (!isBrotli)
            {
                payload.CopyTo(rented.AsSpan(FrameBytes));
                storedLength = payload.Length;
            }

            Span<byte> frame = rented.AsSpan(0, FrameBytes + storedLength);
            Magic.CopyTo(frame);
            frame[3] = Version;
            frame[4] = isBrotli ? BrotliFlag : (byte)0;
            BinaryPrimitives.WriteInt32LittleEndian(frame[StoredLengthAt..], storedLength);
            BinaryPrimitives.WriteInt32LittleEndian(frame[PayloadLengthAt..], payload.Length);
            Checksum(frame[..ChecksumAt], frame[FrameBytes..], frame[ChecksumAt..FrameBytes]);
            return frame.ToArray();
        }
        finally
        {
            // Answers are secret; a rented buffer goes on to any other user of the pool.
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }

    // True only where it saves an eighth: below that the reader's time is worth more than the bytes.
    private static bool TryDeflate(ReadOnlySpan<byte> payload, Span<byte> destination, out int written)
    {
        written = 0;
        return payload.Length >= SmallestCompressed
            && BrotliEncoder.TryCompress(payload, destination, out written, BrotliQuality, BrotliWindow)
            && written <= payload.Length - (payload.Length / 8);
    }

    private static CacheEntry? Inflate(ReadOnlySpan<byte> stored, int length)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            return BrotliDecoder.TryDecompress(stored, rented.AsSpan(0, length), out int written)
                ? Parse(rented.AsSpan(0, written), length)
                : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }

    private static CacheEntry? Parse(ReadOnlySpan<byte> payload, int expectedLength)
    {
        if (payload.Length != expectedLength)
        {
            return null;
        }

        var reader = new PayloadReader(payload);
        CacheEntry? entry = EntryPayload.Read(ref reader);
        return reader.EndedWell ? entry : null;
    }

    // 50 ns, where SHA-256 takes 1.5 us. Who may write to the store may write a valid entry anyway: it guards against accidents, whose
    // chance to go unnoticed is 2^-128 either way.
    private static void Checksum(ReadOnlySpan<byte> head, ReadOnlySpan<byte> stored, Span<byte> destination)
        => BinaryPrimitives.WriteUInt128LittleEndian(destination, XxHash128.HashToUInt128(stored, (long)XxHash3.HashToUInt64(head)));
}
