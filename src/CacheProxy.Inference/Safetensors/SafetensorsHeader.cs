using System.Text.Json;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Safetensors;

/// <summary>Parses the part in front of the weights and checks it against the file's length.</summary>
/// <remarks>
/// Layout (little endian): u64 n, n bytes of JSON {"name": {"dtype", "shape", "data_offsets": [begin, end]}, "__metadata__": {text: text}},
/// then the data, to which the offsets are relative. The reference implementation allows neither gaps nor overlaps; neither does this one.
/// </remarks>
internal static class SafetensorsHeader
{
    private const int LengthBytes = sizeof(ulong);

    /// <summary>The reference implementation's limit.</summary>
    private const int MaxBytes = 100_000_000;

    private const int MaxDimensions = 8, MaxDepth = 4;

    /// <exception cref="ModelFormatException">The header is cut off, malformed or contradicts itself or the file's length.</exception>
    public static Dictionary<string, SafetensorsTensor> Read(MappedFile file)
    {
        ulong bytes = file.Length < LengthBytes ? throw Bad(file, "header length", $"the file has only {file.Length} bytes") : BitConverter.ToUInt64(file.Read(0, LengthBytes));
        if (bytes > MaxBytes || (long)bytes > file.Length - LengthBytes)
        {
            throw Bad(file, "header length", $"is {bytes}, but {file.Length - LengthBytes} bytes follow and {MaxBytes} are allowed");
        }

        Dictionary<string, SafetensorsTensor> tensors;
        try
        {
            tensors = ReadTensors(file, file.Read(LengthBytes, (int)bytes), LengthBytes + (long)bytes);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is not UTF-8, or half a surrogate pair.
            throw new ModelFormatException(file.Path, "header", $"is not valid JSON: {error.Message}", error);
        }

        CheckCover(file, tensors, LengthBytes + (long)bytes);
        return tensors;
    }

    private static Dictionary<string, SafetensorsTensor> ReadTensors(MappedFile file, ReadOnlySpan<byte> json, long data)
    {
        var tensors = new Dictionary<string, SafetensorsTensor>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw Bad(file, "header", "is not a JSON object");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            _ = reader.Read();
            if (name.Length == 0)
            {
                throw Bad(file, "header", "has a tensor without a name");
            }

            if (name == "__metadata__")
            {
                reader.Skip();
            }
            else if (!tensors.TryAdd(name, ReadTensor(file, ref reader, name, data)))
            {
                throw Bad(file, name, "occurs twice");
            }
        }

        // Only white space may follow; anything else makes the reader throw.
        _ = reader.Read();
        return tensors;
    }

    private static SafetensorsTensor ReadTensor(MappedFile file, ref Utf8JsonReader reader, string name, long data)
    {
        SafetensorsType? type = null;
        List<long>? shape = null, offsets = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Bad(file, name, "is not an object of dtype, shape and data_offsets");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string field = reader.GetString()!;
            _ = reader.Read();
            switch (field)
            {
                case "dtype":
                    string? given = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                    type = SafetensorsTypes.TryParse(given, out SafetensorsType known) ? known : throw Bad(file, name, $"has the unknown dtype '{given}'");
                    break;
                case "shape": shape = ReadNumbers(file, ref reader, name, field, MaxDimensions); break;
                case "data_offsets": offsets = ReadNumbers(file, ref reader, name, field, 2); break;
                default: throw Bad(file, name, $"has the unknown field '{field}'");
            }
        }

        return type is { } sure && shape is not null && offsets is [var begin, var end]
            ? Place(file, name, sure, shape, data, begin, end)
            : throw Bad(file, name, "lacks dtype, shape or data_offsets");
    }

    private static SafetensorsTensor Place(MappedFile file, string name, SafetensorsType type, List<long> shape, long data, long begin, long end)
    {
        if (begin > end || end > file.Length - data)
        {
            throw Bad(file, name, $"lies at bytes {begin} to {end} of {file.Length - data}");
        }

        UInt128 bytes = (UInt128)type.Bytes();
        foreach (long size in shape)
        {
            // Clamped where it is already larger than any file, so eight factors cannot wrap.
            bytes = UInt128.Min(bytes, ulong.MaxValue) * (ulong)size;
        }

        return bytes == (ulong)(end - begin)
            ? new SafetensorsTensor(name, type, shape, data + begin, end - begin)
            : throw Bad(file, name, $"is {type} [{string.Join(", ", shape)}] in {end - begin} bytes");
    }

    private static List<long> ReadNumbers(MappedFile file, ref Utf8JsonReader reader, string name, string field, int most)
    {
        var numbers = new List<long>();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw Bad(file, name, $"{field} is not an array");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            numbers.Add(numbers.Count < most && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long number) && number >= 0
                ? number
                : throw Bad(file, name, $"{field} is not an array of at most {most} whole numbers"));
        }

        return numbers;
    }

    /// <summary>Every byte of the data belongs to exactly one tensor.</summary>
    private static void CheckCover(MappedFile file, Dictionary<string, SafetensorsTensor> tensors, long data)
    {
        long end = data;
        foreach (SafetensorsTensor tensor in tensors.Values.OrderBy(tensor => tensor.Offset).ThenBy(tensor => tensor.ByteLength))
        {
            if (tensor.Offset != end)
            {
                throw Bad(file, tensor.Name, $"begins at byte {tensor.Offset}; the tensor in front of it ends at {end}");
            }

            end += tensor.ByteLength;
        }

        if (end != file.Length)
        {
            throw Bad(file, "data", $"ends at byte {end}, but the file has {file.Length}");
        }
    }

    private static ModelFormatException Bad(MappedFile file, string field, string problem) => new(file.Path, field, problem);
}
