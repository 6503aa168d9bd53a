namespace CacheProxy.Inference.Graph;

/// <summary>Sizes and constants of a decoder, whatever its family.</summary>
internal sealed record DecoderConfig
{
    /// <summary>Floats of the residual stream.</summary>
    public required int Width { get; init; }

    public required int FeedForward { get; init; }

    public required int Vocabulary { get; init; }

    /// <summary>The longest sequence, in tokens.</summary>
    public required int ContextLength { get; init; }

    public required float NormEpsilon { get; init; }

    /// <summary>One per layer.</summary>
    public required IReadOnlyList<AttentionShape> Attention { get; init; }

    /// <summary>The tables that <see cref="AttentionShape.Rotation"/> counts.</summary>
    public required IReadOnlyList<RotaryTable> Rotations { get; init; }

    public int Layers => Attention.Count;
}
