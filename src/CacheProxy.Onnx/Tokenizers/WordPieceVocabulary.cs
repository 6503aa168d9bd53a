namespace CacheProxy.Onnx.Tokenizers;

/// <summary>Word starts and continuations (<c>##…</c>) with greedy longest match. Most words are one entry, found by the first look-up.</summary>
internal sealed class WordPieceVocabulary
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _starts;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _continuations;
    private readonly int _longest;

    public WordPieceVocabulary(IEnumerable<KeyValuePair<string, int>> tokens, string continuationPrefix)
    {
        Dictionary<string, int> starts = new(StringComparer.Ordinal), continuations = new(StringComparer.Ordinal);
        foreach ((string token, int id) in tokens)
        {
            starts.Add(token, id);
            if (token.Length > continuationPrefix.Length && token.StartsWith(continuationPrefix, StringComparison.Ordinal))
            {
                continuations.Add(token[continuationPrefix.Length..], id);
            }

            _longest = Math.Max(_longest, token.Length);
        }

        Count = starts.Count;
        _starts = starts.GetAlternateLookup<ReadOnlySpan<char>>();
        _continuations = continuations.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public int Count { get; }

    public bool TryGetId(string token, out int id) => _starts.TryGetValue(token, out id);

    /// <summary>Appends the pieces of a word; when some part has no piece, the whole word becomes <paramref name="unknown"/>.</summary>
    public void Append(ReadOnlySpan<char> word, int unknown, List<int> output)
    {
        int before = output.Count;
        for (int start = 0; start < word.Length;)
        {
            int length = Longest(word[start..], start == 0 ? _starts : _continuations, out int id);
            if (length == 0)
            {
                output.RemoveRange(before, output.Count - before);
                output.Add(unknown);
                return;
            }

            output.Add(id);
            start += length;
        }
    }

    private int Longest(ReadOnlySpan<char> rest, Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> pieces, out int id)
    {
        for (int length = Math.Min(rest.Length, _longest); length > 0; length--)
        {
            if (pieces.TryGetValue(rest[..length], out id))
            {
                return length;
            }
        }

        id = -1;
        return 0;
    }
}
