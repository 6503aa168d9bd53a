using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Gguf;

/// <summary>Reads little-endian values from the mapped header; never past its end, whatever the lengths in the file claim.</summary>
internal unsafe ref struct GgufCursor(string file, byte* start, long length)
{
    private readonly byte* _start = start;

    public readonly string File => file;

    public readonly long Length => length;

    public long Position { get; private set; }

    public T Read<T>(string field)
        where T : unmanaged
    {
        T value = Unsafe.ReadUnaligned<T>(Take(sizeof(T), field));
        if (!BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(new Span<T>(ref value)).Reverse();
        }

        return value;
    }

    /// <summary>A 64-bit count whose elements take at least <paramref name="elementBytes"/> each, so it cannot exceed what is left.</summary>
    public int ReadCount(string field, int elementBytes)
    {
        ulong count = Read<ulong>(field);
        long left = length - Position;
        if (count > (ulong)(left / elementBytes) || count > int.MaxValue)
        {
            throw Bad(field, $"claims {count} elements, but only {left} bytes follow");
        }

        return (int)count;
    }

    public string ReadString(string field)
    {
        int bytes = ReadCount(field, 1);
        return Encoding.UTF8.GetString(Take(bytes, field), bytes);
    }

    public T[] ReadArray<T>(int count, string field)
        where T : unmanaged
    {
        var values = new T[count];
        new ReadOnlySpan<T>(Take((long)count * sizeof(T), field), count).CopyTo(values);
        if (!BitConverter.IsLittleEndian)
        {
            foreach (ref T value in values.AsSpan())
            {
                MemoryMarshal.AsBytes(new Span<T>(ref value)).Reverse();
            }
        }

        return values;
    }

    public readonly ModelFormatException Bad(string field, string problem) => new(file, field, problem);

    private byte* Take(long bytes, string field)
    {
        if (bytes > length - Position)
        {
            throw Bad(field, $"ends at byte {Position + bytes}, but the file has {length}");
        }

        byte* at = _start + Position;
        Position += bytes;
        return at;
    }
}
