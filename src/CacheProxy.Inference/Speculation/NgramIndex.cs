using System.Runtime.InteropServices;

namespace CacheProxy.Inference.Speculation;

/// <summary>
/// Where in a sequence its last tokens stood before: chains of the positions whose preceding tokens have the same hash, newest
/// first. Takes committed tokens alone, each once; allocates only when the sequence's buffer grows.
/// </summary>
internal sealed class NgramIndex
{
    /// <summary>Tokens that must agree at least; two agree by chance in ordinary text too often to pay.</summary>
    public const int MinMatch = 3;

    /// <summary>More agreeing tokens make no better guess.</summary>
    public const int MaxMatch = 32;

    /// <summary>Earlier places looked at: bounds the cost of a text made of one token.</summary>
    private const int MaxCandidates = 16;

    /// <summary>Hash to the newest end of an n-gram (position behind its last token), 0: none.</summary>
    private int[] _newest = [];

    /// <summary>End of an n-gram to the next older end with its hash, 0: none.</summary>
    private int[] _older = [];

    private int _indexed = MinMatch - 1;

    /// <summary>Finds the earlier place that agrees with the most of the last tokens; of equally good ones the newest.</summary>
    /// <param name="tokens">The sequence so far, a continuation of the one of the last call.</param>
    /// <param name="capacity">Tokens it may grow to before its buffer grows.</param>
    /// <param name="matched">How many tokens agree.</param>
    /// <returns>Position of the token that followed there, or -1.</returns>
    public int Find(ReadOnlySpan<int> tokens, int capacity, out int matched)
    {
        matched = 0;
        if (tokens.Length <= MinMatch)
        {
            return -1;
        }

        Grow(tokens, capacity);
        Add(tokens[..^1]);
        int best = -1;
        int candidate = _newest[Bucket(tokens, tokens.Length)];
        for (int looked = 0; candidate > 0 && looked < MaxCandidates && matched < MaxMatch; looked++)
        {
            int agreeing = CommonSuffix(tokens, candidate);
            if (agreeing >= MinMatch && agreeing > matched)
            {
                (best, matched) = (candidate, agreeing);
            }

            candidate = _older[candidate];
        }

        return best;
    }

    private void Add(ReadOnlySpan<int> tokens)
    {
        for (int end = _indexed + 1; end <= tokens.Length; end++)
        {
            ref int newest = ref _newest[Bucket(tokens, end)];
            _older[end] = newest;
            newest = end;
        }

        _indexed = Math.Max(_indexed, tokens.Length);
    }

    private void Grow(ReadOnlySpan<int> tokens, int capacity)
    {
        if (capacity < _older.Length)
        {
            return;
        }

        _older = new int[capacity + 1];
        _newest = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(64, capacity))];
        _indexed = MinMatch - 1;
        Add(tokens[..^1]);
    }

    private int Bucket(ReadOnlySpan<int> tokens, int end)
    {
        ref int first = ref MemoryMarshal.GetReference(tokens[(end - MinMatch)..end]);
        ulong hash = 0;
        for (int i = 0; i < MinMatch; i++)
        {
            hash = (hash + (uint)System.Runtime.CompilerServices.Unsafe.Add(ref first, i)) * 0x9E3779B97F4A7C15;
        }

        return (int)(hash >> 33) & (_newest.Length - 1);
    }

    private static int CommonSuffix(ReadOnlySpan<int> tokens, int end)
    {
        int most = Math.Min(end, MaxMatch);
        int agreeing = 0;
        while (agreeing < most && tokens[end - 1 - agreeing] == tokens[^(agreeing + 1)])
        {
            agreeing++;
        }

        return agreeing;
    }
}
