using System.Buffers.Binary;
using System.Text;

namespace CacheProxy.Ledger.Files;

/// <summary>Reads what <see cref="PackedWriter"/> wrote, in the same order.</summary>
/// <exception cref="InvalidDataException">From every call: the bytes end early, or are none of it.</exception>
internal ref struct PackedReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    public readonly bool IsAtEnd => _at >= _bytes.Length;

    public long Read()
    {
        ulong value = ReadUnsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public ulong ReadUnsigned()
    {
        // Most numbers are below 128.
        if (_at < _bytes.Length && _bytes[_at] < 0x80)
        {
            return _bytes[_at++];
        }

        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            if (_at >= _bytes.Length)
            {
                break;
            }

            byte next = _bytes[_at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Damaged();
    }

    public float ReadSingle() => BinaryPrimitives.ReadSingleLittleEndian(Take(4));

    /// <summary>What <see cref="PackedWriter.Add(ReadOnlySpan{byte})"/> wrote; good as long as the bytes themselves.</summary>
    public ReadOnlySpan<byte> ReadBytes()
    {
        ulong length = ReadUnsigned();
        return length <= int.MaxValue ? Take((int)length) : throw Damaged();
    }

    public string ReadText()
    {
        ulong head = ReadUnsigned();
        if (head > int.MaxValue)
        {
            throw Damaged();
        }

        int length = (int)(head >> 1);
        return (head & 1) == 1 ? Convert.ToHexStringLower(Take(length / 2)) : Encoding.UTF8.GetString(Take(length));
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - _at)
        {
            throw Damaged();
        }

        ReadOnlySpan<byte> taken = _bytes.Slice(_at, count);
        _at += count;
        return taken;
    }

    private static InvalidDataException Damaged() => new("The ledger's file holds what the ledger did not write.");
}
