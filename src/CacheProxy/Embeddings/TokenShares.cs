namespace CacheProxy.Embeddings;

/// <summary>
/// Tells what each input has of the tokens that the upstream counted for a batch. For an input that was alone it is exact; for others it is
/// by their weight, rounded so that the shares of the batch add up to what was reported.
/// </summary>
internal static class TokenShares
{
    /// <param name="tokens">Of the batch; -1: not reported, and then none of the inputs has a count.</param>
    public static int[] Of(long tokens, ReadOnlySpan<int> weights)
    {
        int[] shares = new int[weights.Length];
        if (tokens < 0)
        {
            Array.Fill(shares, -1);
            return shares;
        }

        long total = 0;
        foreach (int weight in weights)
        {
            // An empty text too is at least what a model puts around it.
            total += Math.Max(1, weight);
        }

        long seen = 0, given = 0;
        for (int i = 0; i < shares.Length; i++)
        {
            seen += Math.Max(1, weights[i]);
            long upTo = (long)((Int128)tokens * seen / total);
            shares[i] = (int)(upTo - given);
            given = upTo;
        }

        return shares;
    }
}
