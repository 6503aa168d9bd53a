namespace CacheProxy.Inference.Graph;

/// <summary>Attention of one layer. The packed projection is queries, keys, values side by side.</summary>
/// <param name="QueryHeads">A multiple of <paramref name="KeyValueHeads"/>.</param>
/// <param name="KeyValueHeads">Heads of keys and values.</param>
/// <param name="HeadSize">Floats of one head, a multiple of 16.</param>
/// <param name="Scale">What query times key is multiplied with.</param>
/// <param name="SoftCap">Scores become cap * tanh(score / cap) before the softmax; 0: they stay.</param>
/// <param name="Window">Keys that a token sees, itself included; 0: all before it.</param>
/// <param name="Rotation">Which of <see cref="DecoderConfig.Rotations"/>; -1: queries and keys are not rotated.</param>
/// <param name="Layout">Which floats of a head are rotated together.</param>
/// <param name="HeadNorm">RMS norm of queries and keys before their rotation, with <see cref="DecoderConfig.NormEpsilon"/>.</param>
internal sealed record AttentionShape(
    int QueryHeads, int KeyValueHeads, int HeadSize, float Scale, float SoftCap, int Window, int Rotation, RotaryLayout Layout, HeadNorm HeadNorm)
{
    /// <summary>Columns of the queries.</summary>
    public int QueryWidth => QueryHeads * HeadSize;

    /// <summary>Columns of the keys, and of the values.</summary>
    public int CachedWidth => KeyValueHeads * HeadSize;

    /// <summary>Columns of the packed projection.</summary>
    public int PackedWidth => QueryWidth + (2 * CachedWidth);
}
