using System.Buffers.Binary;
using System.Text;

namespace CacheProxy.Ledger.Files;

/// <summary>Small numbers in few bytes, into a buffer that is used over and over: 7 bits a byte, low ones first; signed ones as 0, -1, 1, -2, 2.</summary>
internal sealed class PackedWriter
{
    private byte[] _bytes = new byte[1024];
    private int _length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public void Clear() => _length = 0;

    public void Add(long value) => AddUnsigned((ulong)((value << 1) ^ (value >> 63)));

    public void AddUnsigned(ulong value)
    {
        Reserve(10);
        for (; value >= 0x80; value >>= 7)
        {
            _bytes[_length++] = (byte)(value | 0x80);
        }

        _bytes[_length++] = (byte)value;
    }

    public void Add(float value)
    {
        Reserve(4);
        BinaryPrimitives.WriteSingleLittleEndian(_bytes.AsSpan(_length), value);
        _length += 4;
    }

    /// <summary>Their number, then the bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        AddUnsigned((ulong)bytes.Length);
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>An id of lower-case hex digits takes half of its length.</summary>
    public void Add(string text)
    {
        Reserve(10 + Encoding.UTF8.GetMaxByteCount(text.Length));
        if (text.Length is > 0 and <= 128 && text.Length % 2 == 0 && !text.AsSpan().ContainsAnyExcept("0123456789abcdef"))
        {
            AddUnsigned(((ulong)text.Length << 1) | 1);
            Convert.FromHexString(text, _bytes.AsSpan(_length), out _, out int written);
            _length += written;
            return;
        }

        int bytes = Encoding.UTF8.GetByteCount(text);
        AddUnsigned((ulong)bytes << 1);
        _length += Encoding.UTF8.GetBytes(text, _bytes.AsSpan(_length));
    }

    private void Reserve(int more)
    {
        if (_bytes.Length - _length < more)
        {
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _length + more));
        }
    }
}
