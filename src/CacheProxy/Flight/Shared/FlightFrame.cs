using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using CacheProxy.Exchange;

namespace CacheProxy.Flight.Shared;

// A log is a row of frames: type:1, length of the payload:4 (little endian), payload.
//
//   Head   version:1 token:16 sender:32 status:4 includesUsage:1 count:2, then per header two texts of length:4 and UTF-8
//   Body   bytes of the answer
//   End    isWhole:1 bytes of the answer:8

/// <summary>Writes and reads the frames of a shared flight's log.</summary>
internal static class FlightFrame
{
    public const int PrefixBytes = 5;
    private const byte Version = 2;
    private const int StatusAt = 1 + 16 + Fingerprint256.SizeBytes;
    private const int HeadStart = StatusAt + 4 + 1 + 2;

    // Above any answer that is shared: only stops a forged length.
    private const int MaxPayload = 1 << 30;

    public static void WriteHead(IBufferWriter<byte> output, Guid token, Fingerprint256 sender, int status, bool includesUsage, IHeaderDictionary headers)
    {
        var payload = new ArrayBufferWriter<byte>();
        Span<byte> start = payload.GetSpan(HeadStart);
        start[0] = Version;
        token.TryWriteBytes(start[1..]);
        sender.CopyTo(start[17..]);
        BinaryPrimitives.WriteInt32LittleEndian(start[StatusAt..], status);
        start[StatusAt + 4] = includesUsage ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(start[(StatusAt + 5)..], (ushort)headers.Sum(header => header.Value.Count));
        payload.Advance(HeadStart);
        foreach (var header in headers)
        {
            foreach (string? value in header.Value)
            {
                WriteText(payload, header.Key);
                WriteText(payload, value ?? "");
            }
        }

        Write(output, FlightFrameType.Head, payload.WrittenSpan);
    }

    public static void WriteBody(IBufferWriter<byte> output, ReadOnlySpan<byte> bytes) => Write(output, FlightFrameType.Body, bytes);

    public static void WriteEnd(IBufferWriter<byte> output, bool isWhole, long bodyBytes)
    {
        Span<byte> payload = stackalloc byte[9];
        payload[0] = isWhole ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt64LittleEndian(payload[1..], bodyBytes);
        Write(output, FlightFrameType.End, payload);
    }

    /// <summary>The next frame of what has been read so far; false: it is not whole yet.</summary>
    /// <exception cref="InvalidDataException">These are no frames.</exception>
    public static bool TryRead(ref ReadOnlyMemory<byte> bytes, out FlightFrameType type, out ReadOnlyMemory<byte> payload)
    {
        (type, payload) = (default, default);
        if (bytes.Length < PrefixBytes)
        {
            return false;
        }

        type = (FlightFrameType)bytes.Span[0];
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[1..]);
        if (!Enum.IsDefined(type) || length is < 0 or > MaxPayload)
        {
            throw new InvalidDataException("The log of a shared flight cannot be read.");
        }

        if (bytes.Length < PrefixBytes + length)
        {
            return false;
        }

        payload = bytes.Slice(PrefixBytes, length);
        bytes = bytes[(PrefixBytes + length)..];
        return true;
    }

    /// <exception cref="InvalidDataException">It is not this flight's, or of another version.</exception>
    public static (Fingerprint256 Sender, int Status, bool IncludesUsage, IHeaderDictionary Headers) ReadHead(ReadOnlySpan<byte> payload, Guid token)
    {
        if (payload.Length < HeadStart || payload[0] != Version || new Guid(payload[1..17]) != token)
        {
            throw new InvalidDataException("The log belongs to another flight, or another version of the proxy wrote it.");
        }

        var sender = new Fingerprint256(payload[17..StatusAt]);
        int status = BinaryPrimitives.ReadInt32LittleEndian(payload[StatusAt..]);
        bool includesUsage = payload[StatusAt + 4] == 1;
        int count = BinaryPrimitives.ReadUInt16LittleEndian(payload[(StatusAt + 5)..]);
        payload = payload[HeadStart..];
        var headers = new HeaderDictionary(count);
        for (int i = 0; i < count; i++)
        {
            string name = ReadText(ref payload);
            headers.Append(name, ReadText(ref payload));
        }

        return (sender, status, includesUsage, headers);
    }

    /// <exception cref="InvalidDataException">It is no end.</exception>
    public static (bool IsWhole, long BodyBytes) ReadEnd(ReadOnlySpan<byte> payload)
        => payload.Length == 9 ? (payload[0] == 1, BinaryPrimitives.ReadInt64LittleEndian(payload[1..])) : throw new InvalidDataException("The end of a shared flight cannot be read.");

    private static void Write(IBufferWriter<byte> output, FlightFrameType type, ReadOnlySpan<byte> payload)
    {
        Span<byte> prefix = output.GetSpan(PrefixBytes);
        prefix[0] = (byte)type;
        BinaryPrimitives.WriteInt32LittleEndian(prefix[1..], payload.Length);
        output.Advance(PrefixBytes);
        output.Write(payload);
    }

    private static void WriteText(IBufferWriter<byte> output, string text)
    {
        Span<byte> length = output.GetSpan(4);
        BinaryPrimitives.WriteInt32LittleEndian(length, Encoding.UTF8.GetByteCount(text));
        output.Advance(4);
        Encoding.UTF8.GetBytes(text, output);
    }

    private static string ReadText(ref ReadOnlySpan<byte> payload)
    {
        int length = payload.Length < 4 ? -1 : BinaryPrimitives.ReadInt32LittleEndian(payload);
        if (length < 0 || length > payload.Length - 4)
        {
            throw new InvalidDataException("The head of a shared flight cannot be read.");
        }

        string text = Encoding.UTF8.GetString(payload.Slice(4, length));
        payload = payload[(4 + length)..];
        return text;
    }
}
