using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using CacheProxy.Inference.Safetensors;

namespace CacheProxy.Inference.Tests.Safetensors;

/// <summary>Writes safetensors files for tests, sound ones and, with <see cref="WithHeader"/>, lying ones.</summary>
internal sealed class SafetensorsWriter
{
    private readonly Dictionary<string, object> _header = [];
    private readonly List<byte> _data = [];

    public SafetensorsWriter Add(string name, SafetensorsType type, ReadOnlySpan<byte> bytes, params long[] shape)
    {
        _header.Add(name, new { dtype = type.ToString(), shape, data_offsets = new[] { _data.Count, _data.Count + bytes.Length } });
        _data.AddRange(bytes);
        return this;
    }

    public SafetensorsWriter Add(string name, float[] values, params long[] shape) => Add(name, SafetensorsType.F32, MemoryMarshal.AsBytes(values.AsSpan()), shape);

    public SafetensorsWriter Add(string name, int[] values, params long[] shape) => Add(name, SafetensorsType.I32, MemoryMarshal.AsBytes(values.AsSpan()), shape);

    public byte[] ToArray() => WithHeader(JsonSerializer.Serialize(_header), [.. _data]);

    public static byte[] WithHeader(string json, byte[] data)
    {
        byte[] header = Encoding.UTF8.GetBytes(json);
        return [.. BitConverter.GetBytes((ulong)header.Length), .. header, .. data];
    }
}
