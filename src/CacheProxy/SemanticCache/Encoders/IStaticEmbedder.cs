namespace CacheProxy.SemanticCache.Encoders;

/// <summary>
/// A vector in microseconds, from the words alone. It cannot tell that two questions are the same; it can tell that they have nothing to do
/// with each other. Runs on the caller's thread, never fails, allocates nothing.
/// </summary>
public interface IStaticEmbedder
{
    /// <summary>Changes whenever the same text may get another vector. Vectors of two fingerprints are never compared.</summary>
    string Fingerprint { get; }

    int Dimensions { get; }

    /// <summary>Writes the text's vector.</summary>
    /// <param name="vector">[dimensions]; L2-normalised where true is returned.</param>
    /// <returns>False: the words that are known do not speak for the text, so nothing may be concluded from them.</returns>
    bool TryEmbed(ReadOnlySpan<char> text, Span<float> vector);
}
