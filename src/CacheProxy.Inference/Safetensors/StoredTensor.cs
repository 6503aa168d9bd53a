using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Safetensors;

/// <summary>A tensor together with the file that it lies in.</summary>
internal sealed record StoredTensor(SafetensorsFile File, SafetensorsTensor Info)
{
    public SafetensorsType Type => Info.Type;

    /// <summary>The contiguous dimension; 1 for a scalar.</summary>
    public int Columns => Info.Shape.Count == 0 ? 1 : Fits(Info.Shape[^1]);

    /// <summary>All other dimensions multiplied.</summary>
    public int Rows => Columns == 0 ? 0 : Fits(Info.Count / Columns);

    public ModelFormatException Error(string problem) => new(File.Path, Info.Name, problem);

    public ReadOnlySpan<byte> Bytes(long first, int count) => File.GetBytes(Info, first, count);

    /// <summary>Requires a type and a shape; -1 stands for any size but 0.</summary>
    /// <exception cref="ModelFormatException">It has another.</exception>
    public StoredTensor Require(SafetensorsType type, params ReadOnlySpan<int> shape) =>
        Type == type ? RequireShape(shape) : throw Error($"is {Info.Description}, not {type}");

    /// <inheritdoc cref="Require"/>
    public StoredTensor RequireShape(params ReadOnlySpan<int> shape)
    {
        bool equal = shape.Length == Info.Shape.Count;
        for (int i = 0; equal && i < shape.Length; i++)
        {
            equal = shape[i] == -1 ? Info.Shape[i] > 0 : shape[i] == Info.Shape[i];
        }

        return equal ? this : throw Error($"is {Info.Description}, not [{string.Join(", ", shape.ToArray().Select(size => size == -1 ? "any" : $"{size}"))}]");
    }

    /// <exception cref="ModelFormatException">The type is no float.</exception>
    public StoredTensor RequireFloats() => Type is SafetensorsType.F32 or SafetensorsType.F16 or SafetensorsType.BF16
        ? this
        : throw Error($"is {Info.Description}; F32, F16 and BF16 are supported here");

    /// <summary>Elements from <paramref name="first"/> on as floats, exactly; F8_E4M3 too.</summary>
    public void ReadFloats(long first, Span<float> values)
    {
        ReadOnlySpan<byte> bytes = Bytes(first, values.Length);
        switch (Type)
        {
            case SafetensorsType.F32: FloatFormats.FromSingle(bytes, values); break;
            case SafetensorsType.F16: FloatFormats.FromHalf(bytes, values); break;
            case SafetensorsType.BF16: FloatFormats.FromBrain(bytes, values); break;
            case SafetensorsType.F8_E4M3: FloatFormats.FromFloat8(bytes, values); break;
            default: throw new NotSupportedException($"{Info.Name} is {Type}.");
        }
    }

    /// <summary>All elements as floats, row-major.</summary>
    public float[] ReadFloats()
    {
        float[] values = new float[Fits(Info.Count)];
        ReadFloats(0, values);
        return values;
    }

    private int Fits(long size) => size <= Array.MaxLength ? (int)size : throw Error($"has a dimension of {size}");
}
