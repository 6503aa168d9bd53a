namespace CacheProxy.Inference.Safetensors;

/// <summary>Element types by the names that a header gives them.</summary>
#pragma warning disable CA1720, IDE1006 // The names are the file format's own.
public enum SafetensorsType
{
    BOOL,
    U8,
    I8,
    F8_E4M3,
    F8_E5M2,
    I16,
    U16,
    F16,
    BF16,
    I32,
    U32,
    F32,
    I64,
    U64,
    F64,
}
#pragma warning restore CA1720, IDE1006

/// <summary>Sizes of the element types.</summary>
internal static class SafetensorsTypes
{
    public static int Bytes(this SafetensorsType type) => type switch
    {
        <= SafetensorsType.F8_E5M2 => 1,
        <= SafetensorsType.BF16 => 2,
        <= SafetensorsType.F32 => 4,
        _ => 8,
    };

    /// <summary>By exact name: numbers and other cases, which <c>Enum.TryParse</c> would take, are no types.</summary>
    public static bool TryParse(string? name, out SafetensorsType type) => Names.TryGetValue(name ?? "", out type);

    private static readonly Dictionary<string, SafetensorsType> Names =
        Enum.GetValues<SafetensorsType>().ToDictionary(type => type.ToString(), StringComparer.Ordinal);
}
