using CacheProxy.Inference.Sampling;

namespace CacheProxy.Inference.Constraints;

/// <summary>
/// Tokens by their bytes, so that tokens with a common beginning are looked at together. Nodes lie in the order of a walk:
/// what follows a node that leads nowhere is skipped in one jump. Immutable.
/// </summary>
internal sealed class TokenTrie
{
    private readonly byte[] _bytes;
    private readonly ushort[] _depths;
    private readonly int[] _skips;
    private readonly int[] _firstTokens;
    private readonly int[] _tokens;

    /// <param name="tokens">Id and bytes; none empty.</param>
    public TokenTrie(IEnumerable<(int Id, byte[] Bytes)> tokens)
    {
        var bytes = new List<byte>();
        var depths = new List<ushort>();
        var firstTokens = new List<int>();
        var ids = new List<int>();
        byte[] last = [];
        foreach ((int id, byte[] token) in tokens.OrderBy(token => token.Bytes, ByteOrder.Instance))
        {
            for (int depth = last.AsSpan().CommonPrefixLength(token); depth < token.Length; depth++)
            {
                bytes.Add(token[depth]);
                depths.Add((ushort)(depth + 1));
                firstTokens.Add(ids.Count);
            }

            ids.Add(id);
            last = token;
        }

        firstTokens.Add(ids.Count);
        (_bytes, _depths, _firstTokens, _tokens) = ([.. bytes], [.. depths], [.. firstTokens], [.. ids]);
        _skips = SkipsOf(_depths);
        MaxTokenBytes = depths.Count == 0 ? 0 : depths.Max();
    }

    public int MaxTokenBytes { get; }

    /// <summary>Adds the tokens that can follow a state to the mask.</summary>
    public void Walk(GrammarAutomaton automaton, AutomatonState start, Span<uint> mask)
    {
        if (start.IsFinal)
        {
            return;
        }

        var path = new AutomatonState[MaxTokenBytes + 1];
        path[0] = start;
        int node = 0;
        while (node < _bytes.Length)
        {
            int depth = _depths[node];
            AutomatonState next = automaton.Next(path[depth - 1], _bytes[node]);
            if (next.IsDead)
            {
                node = _skips[node];
                continue;
            }

            path[depth] = next;
            for (int token = _firstTokens[node]; token < _firstTokens[node + 1]; token++)
            {
                TokenMask.Set(mask, _tokens[token]);
            }

            node++;
        }
    }

    /// <summary>For each node the next one that is not below it.</summary>
    private static int[] SkipsOf(ushort[] depths)
    {
        var skips = new int[depths.Length];
        var open = new Stack<int>();
        for (int node = 0; node <= depths.Length; node++)
        {
            int depth = node < depths.Length ? depths[node] : 0;
            while (open.TryPeek(out int above) && depths[above] >= depth)
            {
                skips[open.Pop()] = node;
            }

            open.Push(node);
            if (node == depths.Length)
            {
                break;
            }
        }

        return skips;
    }

    private sealed class ByteOrder : IComparer<byte[]>
    {
        public static ByteOrder Instance { get; } = new();

        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }
}
