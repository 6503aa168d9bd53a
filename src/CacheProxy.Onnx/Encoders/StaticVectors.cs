using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace CacheProxy.Onnx.Encoders;

/// <summary>
/// The table of a static embedder, read from safetensors (length of the header in 8 bytes little-endian, JSON header, data):
/// <c>embeddings</c> I8 [tokens, dimensions] row-major and <c>scales</c> F32 [tokens]. Row i's value is <c>scales[i] * embeddings[i]</c>.
/// </summary>
/// <param name="Rows">[tokens * dimensions]</param>
/// <param name="Scales">[tokens]; finite.</param>
internal sealed record StaticVectors(sbyte[] Rows, float[] Scales, int Dimensions)
{
    private const int LengthBytes = sizeof(ulong);

    public int Tokens => Scales.Length;

    public ReadOnlySpan<sbyte> Row(int token) => Rows.AsSpan(token * Dimensions, Dimensions);

    /// <exception cref="InvalidDataException">The file is not such a table.</exception>
    public static StaticVectors Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        try
        {
            int headerBytes = file.Length < LengthBytes ? -1 : checked((int)BinaryPrimitives.ReadUInt64LittleEndian(file));
            using JsonDocument header = JsonDocument.Parse(file.AsMemory(LengthBytes, headerBytes));
            int dataAt = LengthBytes + headerBytes;
            JsonElement embeddings = header.RootElement.GetProperty("embeddings"), scales = header.RootElement.GetProperty("scales");
            int[] shape = Shape(embeddings, "I8", 2);
            if (Shape(scales, "F32", 1)[0] != shape[0] || shape[0] < 1 || shape[1] < 1)
            {
                throw new InvalidDataException("'scales' must have one number for each row of 'embeddings'.");
            }

            byte[] rows = Data(file, dataAt, embeddings, checked((long)shape[0] * shape[1]));
            float[] factors = MemoryMarshal.Cast<byte, float>(Data(file, dataAt, scales, (long)shape[0] * sizeof(float))).ToArray();
            return Array.TrueForAll(factors, float.IsFinite)
                ? new StaticVectors(MemoryMarshal.Cast<byte, sbyte>(rows).ToArray(), factors, shape[1])
                : throw new InvalidDataException("'scales' holds what is no number.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or OverflowException
            or ArgumentException or InvalidDataException)
        {
            throw new InvalidDataException($"{path}: not a table of static vectors: {e.Message}", e);
        }
    }

    private static int[] Shape(JsonElement tensor, string type, int rank)
    {
        int[] shape = [.. tensor.GetProperty("shape").EnumerateArray().Select(length => length.GetInt32())];
        return tensor.GetProperty("dtype").GetString() == type && shape.Length == rank
            ? shape
            : throw new InvalidDataException($"a tensor is {tensor}, needed is {type} with {rank} dimensions.");
    }

    private static byte[] Data(byte[] file, int dataAt, JsonElement tensor, long bytes)
    {
        JsonElement offsets = tensor.GetProperty("data_offsets");
        long start = offsets[0].GetInt64(), end = offsets[1].GetInt64();
        return start >= 0 && end - start == bytes && dataAt + end <= file.Length
            ? file.AsSpan((int)(dataAt + start), (int)bytes).ToArray()
            : throw new InvalidDataException($"a tensor of {bytes} bytes lies at {start} to {end} of {file.Length - dataAt}.");
    }
}
