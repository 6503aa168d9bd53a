namespace CacheProxy.Inference.Safetensors;

/// <summary>One tensor's place and shape; the bytes stay in the mapped file.</summary>
/// <param name="Name">For example <c>model.layers.0.self_attn.q_proj.weight</c>.</param>
/// <param name="Type">Type of every element.</param>
/// <param name="Shape">Row-major, the last dimension contiguous; empty for a scalar.</param>
/// <param name="Offset">Bytes from the start of the file.</param>
/// <param name="ByteLength">Bytes of all elements.</param>
public sealed record SafetensorsTensor(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, long Offset, long ByteLength)
{
    public long Count => ByteLength / Type.Bytes();

    /// <summary>For messages: <c>F16 [64, 160]</c>.</summary>
    public string Description => $"{Type} [{string.Join(", ", Shape)}]";
}
