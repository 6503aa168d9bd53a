namespace CacheProxy.Inference.Execution.Attention;

/// <summary>A number of rows known to the JIT, so that a kernel written for many rows compiles to straight code for each number.</summary>
internal interface IRowCount
{
    static abstract int Count { get; }
}

internal readonly struct OneRow : IRowCount
{
    public static int Count => 1;
}

internal readonly struct ThreeRows : IRowCount
{
    public static int Count => 3;
}

internal readonly struct FourRows : IRowCount
{
    public static int Count => 4;
}

internal readonly struct SixRows : IRowCount
{
    public static int Count => 6;
}
