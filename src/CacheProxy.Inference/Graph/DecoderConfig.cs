namespace CacheProxy.Inference.Graph;

/// <summary>Sizes and constants of a decoder, whatever its family.</summary>
internal sealed record DecoderConfig
{
    /// <summary>Floats of the residual stream, a multiple of 16.</summary>
    public required int Width { get; init; }

    /// <summary>Gate and up each, a multiple of 16.</summary>
    public required int FeedForward { get; init; }

    public required int Vocabulary { get; init; }

    /// <summary>The longest sequence, in tokens.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Of all RMS norms, heads' included.</summary>
    public required float NormEpsilon { get; init; }

    /// <summary>One per layer.</summary>
    public required IReadOnlyList<AttentionShape> Attention { get; init; }

    /// <summary>The tables that <see cref="AttentionShape.Rotation"/> counts.</summary>
    public required IReadOnlyList<RotaryTable> Rotations { get; init; }

    public int Layers => Attention.Count;

    public NormPlacement Norms { get; init; }

    /// <summary>What is added to every stored norm weight.</summary>
    public float NormShift { get; init; }

    public GateFunction Gate { get; init; }

    /// <summary>Whether queries, keys and values have biases.</summary>
    public bool Biased { get; init; }

    /// <summary>Whether queries, keys, values are one matrix (<c>attn_qkv</c>), gate and up another (<c>ffn_up</c>).</summary>
    public bool FusedProjections { get; init; }

    /// <summary>Whether the token table serves as output matrix.</summary>
    public bool Tied { get; init; }

    /// <summary>What token rows are multiplied with.</summary>
    public float EmbeddingScale { get; init; } = 1;

    /// <summary>What a sublayer's result is multiplied with before it is added to the residual stream.</summary>
    public float ResidualScale { get; init; } = 1;

    /// <summary>What logits are multiplied with.</summary>
    public float LogitScale { get; init; } = 1;

    /// <summary>Scaled logits become cap * tanh(logit / cap); 0: they stay.</summary>
    public float LogitCap { get; init; }
}
