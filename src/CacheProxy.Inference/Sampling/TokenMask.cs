namespace CacheProxy.Inference.Sampling;

/// <summary>A set of tokens as bits: bit <c>id % 32</c> of word <c>id / 32</c>.</summary>
public static class TokenMask
{
    /// <summary>Words for this many tokens.</summary>
    public static int WordsFor(int tokens) => (tokens + 31) / 32;

    public static void Set(Span<uint> mask, int token) => mask[token >> 5] |= 1u << (token & 31);

    public static bool Contains(ReadOnlySpan<uint> mask, int token) => (mask[token >> 5] & (1u << (token & 31))) != 0;

    /// <summary>Makes every token outside the mask impossible. Most words are all set or all clear, so whole words are looked at first.</summary>
    public static void Apply(ReadOnlySpan<uint> mask, Span<float> logits)
    {
        for (int word = 0; word < mask.Length && word * 32 < logits.Length; word++)
        {
            uint bits = mask[word];
            if (bits == uint.MaxValue)
            {
                continue;
            }

            Span<float> part = logits[(word * 32)..Math.Min((word + 1) * 32, logits.Length)];
            if (bits == 0)
            {
                part.Fill(float.NegativeInfinity);
                continue;
            }

            for (int bit = 0; bit < part.Length; bit++)
            {
                part[bit] = (bits & (1u << bit)) != 0 ? part[bit] : float.NegativeInfinity;
            }
        }
    }
}
