using System.Text;
using CacheProxy.Inference.Gguf;

namespace CacheProxy.Inference.Tests.Gguf;

/// <summary>Writes small model files for tests. Tensor bytes are given raw, already in their format.</summary>
public sealed class GgufWriter
{
    private const int Alignment = 32;

    private readonly List<(string Key, Action<BinaryWriter> Write)> _metadata = [];
    private readonly List<(string Name, ulong[] Shape, GgufTensorType Type, byte[] Data)> _tensors = [];

    public GgufWriter Add(string key, object value)
    {
        _metadata.Add((key, writer => WriteTyped(writer, value)));
        return this;
    }

    /// <param name="shape">Contiguous dimension first.</param>
    public GgufWriter AddTensor(string name, GgufTensorType type, byte[] data, params ulong[] shape)
    {
        _tensors.Add((name, shape, type, data));
        return this;
    }

    public GgufWriter AddTensor(string name, float[] values, params ulong[] shape)
    {
        byte[] data = new byte[values.Length * 4];
        Buffer.BlockCopy(values, 0, data, 0, data.Length);
        return AddTensor(name, GgufTensorType.F32, data, shape);
    }

    public byte[] ToArray()
    {
        var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)_tensors.Count);
        writer.Write((ulong)_metadata.Count);
        foreach ((string key, Action<BinaryWriter> write) in _metadata)
        {
            WriteString(writer, key);
            write(writer);
        }

        ulong offset = 0;
        foreach ((string name, ulong[] shape, GgufTensorType type, byte[] data) in _tensors)
        {
            WriteString(writer, name);
            writer.Write((uint)shape.Length);
            Array.ForEach(shape, writer.Write);
            writer.Write((uint)type);
            writer.Write(offset);
            offset += (ulong)Padded(data.Length);
        }

        foreach (byte[] data in _tensors.Select(tensor => tensor.Data))
        {
            writer.Write(new byte[Padded((int)stream.Length) - (int)stream.Length]);
            writer.Write(data);
        }

        return stream.ToArray();
    }

    private static int Padded(int length) => (length + Alignment - 1) / Alignment * Alignment;

    private static void WriteTyped(BinaryWriter writer, object value)
    {
        writer.Write((uint)TypeOf(value));
        if (value is Array array)
        {
            object first = array.Length > 0 ? array.GetValue(0)! : 0;
            writer.Write((uint)TypeOf(first));
            writer.Write((ulong)array.Length);
        }

        WritePlain(writer, value);
    }

    private static GgufValueType TypeOf(object value) => value switch
    {
        byte => GgufValueType.UInt8,
        sbyte => GgufValueType.Int8,
        ushort => GgufValueType.UInt16,
        short => GgufValueType.Int16,
        uint => GgufValueType.UInt32,
        int => GgufValueType.Int32,
        float => GgufValueType.Float32,
        bool => GgufValueType.Bool,
        string => GgufValueType.String,
        Array => GgufValueType.Array,
        ulong => GgufValueType.UInt64,
        long => GgufValueType.Int64,
        double => GgufValueType.Float64,
        _ => throw new ArgumentException(value.GetType().Name),
    };

    private static void WritePlain(BinaryWriter writer, object value)
    {
        switch (value)
        {
            case byte v: writer.Write(v); break;
            case sbyte v: writer.Write(v); break;
            case ushort v: writer.Write(v); break;
            case short v: writer.Write(v); break;
            case uint v: writer.Write(v); break;
            case int v: writer.Write(v); break;
            case float v: writer.Write(v); break;
            case bool v: writer.Write(v); break;
            case ulong v: writer.Write(v); break;
            case long v: writer.Write(v); break;
            case double v: writer.Write(v); break;
            case string v: WriteString(writer, v); break;
            case Array[] nested:
                foreach (Array inner in nested)
                {
                    writer.Write((uint)TypeOf(inner.GetValue(0)!));
                    writer.Write((ulong)inner.Length);
                    WritePlain(writer, inner);
                }

                break;
            case Array array:
                foreach (object item in array)
                {
                    WritePlain(writer, item);
                }

                break;
        }
    }

    private static void WriteString(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }
}
