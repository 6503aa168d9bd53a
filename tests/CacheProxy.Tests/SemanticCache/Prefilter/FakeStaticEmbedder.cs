using CacheProxy.SemanticCache.Encoders;

namespace CacheProxy.Tests.SemanticCache.Prefilter;

/// <summary>Vectors by number: the text is the seed. "?" has none.</summary>
internal sealed class FakeStaticEmbedder : IStaticEmbedder
{
    public string Fingerprint => "fake-static";

    public int Dimensions => 64;

    public bool TryEmbed(ReadOnlySpan<char> text, Span<float> vector)
    {
        if (text is "?")
        {
            return false;
        }

        Vector(text).CopyTo(vector);
        return true;
    }

    // Ten directions, and noise about them.
    public static float[] Vector(ReadOnlySpan<char> text)
    {
        int seed = int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        return Index.RandomVectors.Near(new Random(seed), Index.RandomVectors.Unit(new Random(seed % 10), 64), (seed % 7) / 5f);
    }
}
