namespace CacheProxy.Inference.Gguf;

/// <summary>Parses the part in front of the weights: magic, version, metadata, tensor table.</summary>
/// <remarks>
/// Layout (little endian): "GGUF", u32 version, u64 tensors, u64 keys; per key: string, u32 type, value;
/// per tensor: string name, u32 dimensions, u64 sizes (contiguous one first), u32 type, u64 offset from the aligned end of this header.
/// A string is u64 length and UTF-8 bytes.
/// </remarks>
internal static class GgufHeader
{
    private const uint Magic = 0x46554747;
    private const int MaxArrayDepth = 4;
    private const int DefaultAlignment = 32;

    /// <summary>Smallest key (empty name, type, one byte) and smallest tensor record; they bound the counts of a lying header.</summary>
    private const int MinKeyBytes = 13, MinTensorBytes = 24;

    public static (uint Version, GgufMetadata Metadata, Dictionary<string, GgufTensor> Tensors) Read(ref GgufCursor cursor)
    {
        if (cursor.Read<uint>("magic") != Magic)
        {
            throw cursor.Bad("magic", "is not \"GGUF\"");
        }

        uint version = cursor.Read<uint>("version");
        if (version is not (2 or 3))
        {
            throw cursor.Bad("version", $"is {version}; 2 and 3 are known");
        }

        int tensorCount = cursor.ReadCount("tensor count", MinTensorBytes);
        int keyCount = cursor.ReadCount("metadata count", MinKeyBytes);
        GgufMetadata metadata = ReadMetadata(ref cursor, keyCount);
        return (version, metadata, ReadTensors(ref cursor, tensorCount, Alignment(metadata)));
    }

    private static int Alignment(GgufMetadata metadata)
    {
        const string key = "general.alignment";
        int alignment = metadata.FindInt32(key) ?? DefaultAlignment;
        return int.IsPow2(alignment) && alignment <= 1 << 20
            ? alignment
            : throw metadata.Error(key, $"is {alignment}, not a power of two up to 1 MiB");
    }

    private static GgufMetadata ReadMetadata(ref GgufCursor cursor, int count)
    {
        var values = new Dictionary<string, object>(count);
        for (int i = 0; i < count; i++)
        {
            string key = ReadName(ref cursor, $"name of metadata key {i}");
            var type = (GgufValueType)cursor.Read<uint>(key);
            if (!values.TryAdd(key, ReadValue(ref cursor, type, key, 0)))
            {
                throw cursor.Bad(key, "occurs twice");
            }
        }

        return new GgufMetadata(cursor.File, values);
    }

    /// <summary>Errors name what is at fault by it, so it cannot be empty.</summary>
    private static string ReadName(ref GgufCursor cursor, string field) =>
        cursor.ReadString(field) is { Length: > 0 } name ? name : throw cursor.Bad(field, "is empty");

    private static object ReadValue(ref GgufCursor cursor, GgufValueType type, string key, int depth) => type switch
    {
        GgufValueType.UInt8 => cursor.Read<byte>(key),
        GgufValueType.Int8 => cursor.Read<sbyte>(key),
        GgufValueType.UInt16 => cursor.Read<ushort>(key),
        GgufValueType.Int16 => cursor.Read<short>(key),
        GgufValueType.UInt32 => cursor.Read<uint>(key),
        GgufValueType.Int32 => cursor.Read<int>(key),
        GgufValueType.Float32 => cursor.Read<float>(key),
        GgufValueType.Bool => cursor.Read<byte>(key) != 0,
        GgufValueType.String => cursor.ReadString(key),
        GgufValueType.UInt64 => cursor.Read<ulong>(key),
        GgufValueType.Int64 => cursor.Read<long>(key),
        GgufValueType.Float64 => cursor.Read<double>(key),
        GgufValueType.Array when depth < MaxArrayDepth => ReadArray(ref cursor, key, depth + 1),
        GgufValueType.Array => throw cursor.Bad(key, $"nests arrays deeper than {MaxArrayDepth}"),
        _ => throw cursor.Bad(key, $"has the unknown value type {(uint)type}"),
    };

    private static object ReadArray(ref GgufCursor cursor, string key, int depth)
    {
        var type = (GgufValueType)cursor.Read<uint>(key);
        int count = cursor.ReadCount(key, ElementBytes(type));
        switch (type)
        {
            case GgufValueType.UInt8: return cursor.ReadArray<byte>(count, key);
            case GgufValueType.Int8: return cursor.ReadArray<sbyte>(count, key);
            case GgufValueType.UInt16: return cursor.ReadArray<ushort>(count, key);
            case GgufValueType.Int16: return cursor.ReadArray<short>(count, key);
            case GgufValueType.UInt32: return cursor.ReadArray<uint>(count, key);
            case GgufValueType.Int32: return cursor.ReadArray<int>(count, key);
            case GgufValueType.Float32: return cursor.ReadArray<float>(count, key);
            case GgufValueType.UInt64: return cursor.ReadArray<ulong>(count, key);
            case GgufValueType.Int64: return cursor.ReadArray<long>(count, key);
            case GgufValueType.Float64: return cursor.ReadArray<double>(count, key);
            case GgufValueType.Bool: return Array.ConvertAll(cursor.ReadArray<byte>(count, key), value => value != 0);
            case GgufValueType.String:
                var strings = new string[count];
                for (int i = 0; i < count; i++)
                {
                    strings[i] = cursor.ReadString(key);
                }

                return strings;
            default:
                var values = new object[count];
                for (int i = 0; i < count; i++)
                {
                    values[i] = ReadValue(ref cursor, type, key, depth);
                }

                return values;
        }
    }

    private static int ElementBytes(GgufValueType type) => type switch
    {
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        GgufValueType.UInt64 or GgufValueType.Int64 or GgufValueType.Float64 or GgufValueType.String => 8,
        GgufValueType.Array => 12,
        _ => 1,
    };

    private static Dictionary<string, GgufTensor> ReadTensors(ref GgufCursor cursor, int count, int alignment)
    {
        var found = new List<GgufTensor>(count);
        for (int i = 0; i < count; i++)
        {
            found.Add(ReadTensor(ref cursor, i));
        }

        long data = (cursor.Position + alignment - 1) & -alignment;
        var tensors = new Dictionary<string, GgufTensor>(count);
        foreach (GgufTensor tensor in found)
        {
            // Both terms are below 2^62, so the sums cannot wrap.
            if (tensor.Offset % alignment != 0 || data + tensor.Offset + tensor.ByteLength > cursor.Length)
            {
                throw cursor.Bad(tensor.Name, $"lies at bytes {data + tensor.Offset} to {data + tensor.Offset + tensor.ByteLength}: misaligned or past the end of the file ({cursor.Length})");
            }

            if (!tensors.TryAdd(tensor.Name, tensor with { Offset = data + tensor.Offset }))
            {
                throw cursor.Bad(tensor.Name, "occurs twice");
            }
        }

        return tensors;
    }

    private static GgufTensor ReadTensor(ref GgufCursor cursor, int index)
    {
        string name = ReadName(ref cursor, $"name of tensor {index}");
        uint dimensions = cursor.Read<uint>(name);
        if (dimensions is 0 or > 4)
        {
            throw cursor.Bad(name, $"has {dimensions} dimensions; 1 to 4 are allowed");
        }

        long columns = ReadDimension(ref cursor, name), rows = 1;
        for (uint i = 1; i < dimensions; i++)
        {
            // Each factor is below 2^31, so one product cannot wrap; the check keeps the next one from it.
            rows *= ReadDimension(ref cursor, name);
            if (rows > int.MaxValue)
            {
                throw cursor.Bad(name, "has more than 2^31 rows");
            }
        }

        var type = (GgufTensorType)cursor.Read<uint>(name);
        TensorFormat format = TensorFormat.Find(type) ?? throw cursor.Bad(name, $"has the unknown weight type {(uint)type}");
        if (columns % format.BlockWeights != 0)
        {
            throw cursor.Bad(name, $"has rows of {columns} weights, not whole {type} blocks of {format.BlockWeights}");
        }

        ulong offset = cursor.Read<ulong>(name);
        UInt128 bytes = (UInt128)(ulong)(columns / format.BlockWeights * format.BlockBytes) * (ulong)rows;
        if (offset > (ulong)cursor.Length || bytes > (ulong)cursor.Length)
        {
            throw cursor.Bad(name, $"needs {bytes} bytes at offset {offset}, but the file has {cursor.Length}");
        }

        return new GgufTensor(name, type, (int)columns, (int)rows, (long)offset, (long)bytes);
    }

    private static long ReadDimension(ref GgufCursor cursor, string name)
    {
        ulong size = cursor.Read<ulong>(name);
        return size is > 0 and <= int.MaxValue ? (long)size : throw cursor.Bad(name, $"has a dimension of {size}");
    }
}
