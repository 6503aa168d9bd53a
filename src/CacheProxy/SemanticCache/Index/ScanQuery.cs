namespace CacheProxy.SemanticCache.Index;

/// <summary>A question as the scan compares it.</summary>
/// <param name="weights">[padded] 16-bit components.</param>
/// <param name="sketch">[padded / 64] sign bits.</param>
/// <param name="farthest">Differing sign bits beyond which nothing is scored.</param>
/// <param name="factor">Turns a weight back into a component of the unit vector.</param>
/// <param name="nowTicks">Questions usable until this or earlier are passed over.</param>
public readonly ref struct ScanQuery(ReadOnlySpan<short> weights, ReadOnlySpan<ulong> sketch, int farthest, float factor, long nowTicks)
{
    public ReadOnlySpan<short> Weights { get; } = weights;

    public ReadOnlySpan<ulong> Sketch { get; } = sketch;

    public int Farthest { get; } = farthest;

    public float Factor { get; } = factor;

    public long NowTicks { get; } = nowTicks;
}
