namespace CacheProxy.SemanticCache.Encoders;

/// <summary>Puts the words in front of a text by which some models tell what is asked from what is stored.</summary>
/// <param name="prefix">As it is, with its space.</param>
/// <param name="fingerprint">One for both ways: their vectors are made to be compared.</param>
public sealed class PrefixedEmbedder(IEmbedder inner, string prefix, string fingerprint) : IEmbedder
{
    public string Fingerprint => fingerprint;

    public int Dimensions => inner.Dimensions;

    public ValueTask<Embedding> EmbedAsync(string text, CancellationToken cancellationToken) => inner.EmbedAsync(prefix + text, cancellationToken);
}
