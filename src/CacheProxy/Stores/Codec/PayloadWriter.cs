using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Unicode;

namespace CacheProxy.Stores.Codec;

/// <summary>Appends fields to a pooled buffer that grows. The read side is <see cref="PayloadReader"/>.</summary>
internal ref struct PayloadWriter(int capacity)
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(capacity, 256));
    private int _length;

    public readonly ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    public void Byte(byte value) => Reserve(1)[0] = value;

    /// <summary>7 bits a byte, low first, high bit = more follow. Negative numbers take ten bytes.</summary>
    public void Varint(long value)
    {
        ulong rest = (ulong)value;
        for (; rest >= 0x80; rest >>= 7)
        {
            Byte((byte)(rest | 0x80));
        }

        Byte((byte)rest);
    }

    public void Double(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Reserve(8), value);

    /// <summary>Length as varint, then the bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        Varint(value.Length);
        value.CopyTo(Reserve(value.Length));
    }

    /// <summary>The bytes alone: for a field of fixed length.</summary>
    public Span<byte> Fixed(int length) => Reserve(length);

    /// <summary>
    /// Null: varint 0. Text: varint 1 + 2 * bytes + (0: UTF-8, 1: UTF-16), then the bytes. UTF-16 keeps a string that is
    /// not valid Unicode, such as half a surrogate pair from an upstream that cuts its deltas there.
    /// </summary>
    public void Text(string? value)
    {
        if (value is null)
        {
            Varint(0);
            return;
        }

        byte[] rented = ArrayPool<byte>.Shared.Rent(value.Length * 3);
        bool isUtf8 = Utf8.FromUtf16(value, rented, out _, out int written, replaceInvalidSequences: false) == OperationStatus.Done;
        ReadOnlySpan<byte> bytes = isUtf8 ? rented.AsSpan(0, written) : MemoryMarshal.AsBytes(value.AsSpan());
        Varint(1 + (2L * bytes.Length) + (isUtf8 ? 0 : 1));
        bytes.CopyTo(Reserve(bytes.Length));
        ArrayPool<byte>.Shared.Return(rented, clearArray: true);
    }

    public readonly void Dispose() => ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);

    private Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _length < count)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + count));
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
            _buffer = larger;
        }

        Span<byte> place = _buffer.AsSpan(_length, count);
        _length += count;
        return place;
    }
}
