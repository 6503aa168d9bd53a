using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace CacheProxy.Stores.Codec;

/// <summary>
/// Reads what <see cref="PayloadWriter"/> wrote. Never throws: after the first field that does not fit, every read gives
/// its default and <see cref="EndedWell"/> stays false.
/// </summary>
internal ref struct PayloadReader(ReadOnlySpan<byte> payload)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = payload;

    public bool Failed { get; private set; }

    /// <summary>Every field fitted and nothing is left over.</summary>
    public readonly bool EndedWell => !Failed && _rest.IsEmpty;

    public void Fail() => Failed = true;

    public byte Byte() => Take(1) is { IsEmpty: false } one ? one[0] : (byte)0;

    public bool Flag()
    {
        byte value = Byte();
        Failed |= value > 1;
        return value == 1;
    }

    public long Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return (long)value;
            }
        }

        Failed = true;
        return 0;
    }

    public int Int32()
    {
        long value = Varint();
        Failed |= value != (int)value;
        return Failed ? 0 : (int)value;
    }

    public double Double() => Take(8) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadDoubleLittleEndian(bytes) : 0;

    /// <summary>A count of items of at least one byte each: more than the bytes that are left is damage.</summary>
    public int Count()
    {
        long value = Varint();
        Failed |= value < 0 || value > _rest.Length;
        return Failed ? 0 : (int)value;
    }

    public ReadOnlySpan<byte> Bytes() => Take(Varint());

    public ReadOnlySpan<byte> Fixed(int length) => Take(length);

    public string RequiredText()
    {
        string? text = Text();
        Failed |= text is null;
        return text ?? "";
    }

    public string? Text()
    {
        long head = Varint();
        if (head <= 0)
        {
            Failed |= head < 0;
            return null;
        }

        bool isUtf8 = ((head - 1) & 1) == 0;
        ReadOnlySpan<byte> bytes = Take((head - 1) >> 1);
        if (isUtf8)
        {
            return Utf8Text(bytes);
        }

        Failed |= (bytes.Length & 1) != 0;
        return Failed ? "" : new string(MemoryMarshal.Cast<byte, char>(bytes));
    }

    private string Utf8Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            Failed = true;
            return "";
        }
    }

    private ReadOnlySpan<byte> Take(long count)
    {
        if (Failed || count < 0 || count > _rest.Length)
        {
            Failed = true;
            return default;
        }

        ReadOnlySpan<byte> taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }
}
