namespace CacheProxy.Inference.Graph;

/// <summary>How fast the pairs of a head turn with the position.</summary>
internal sealed record RotaryTable
{
    /// <summary>Angle per position of each rotated pair, in radians; the rest of the head is not rotated.</summary>
    public required double[] Frequencies { get; init; }

    /// <summary>What cosines and sines are multiplied with.</summary>
    public float Magnitude { get; init; } = 1;

    /// <summary>The angles of sequences longer than <see cref="OriginalContext"/>, as many as <see cref="Frequencies"/>; null: the same.</summary>
    public double[]? LongFrequencies { get; init; }

    /// <summary>The longest sequence, in tokens, that <see cref="Frequencies"/> serve where there are <see cref="LongFrequencies"/>.</summary>
    public int OriginalContext { get; init; }
}
