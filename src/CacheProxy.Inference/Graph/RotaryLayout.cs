namespace CacheProxy.Inference.Graph;

/// <summary>The floats of a head that one angle turns.</summary>
internal enum RotaryLayout
{
    /// <summary>Neighbours: 2i and 2i + 1.</summary>
    Pairs,

    /// <summary>i and i + half of the rotated floats.</summary>
    Halves,
}
