namespace CacheProxy.Onnx.Tokenizers;

/// <summary>Turns scores into merge rules: two tokens merge when their texts join to a token, the better score first, the leftmost among equals.</summary>
internal static class SentencePieceMerges
{
    /// <summary>Every cut of a token is looked up, so the time grows with the square of its length.</summary>
    private const int MaxTokenLength = 4096;

    /// <exception cref="InvalidDataException">A token is too long to be a piece of text.</exception>
    public static MergeTable Build(SentencePieceVocabulary vocabulary, Dictionary<string, int> pieces)
    {
        var lookup = pieces.GetAlternateLookup<ReadOnlySpan<char>>();
        Dictionary<float, int> ranks = pieces.Values.Select(id => vocabulary.Scores[id]).Distinct().OrderDescending()
            .Select((score, rank) => (score, rank)).ToDictionary(p => p.score, p => p.rank);
        var pairs = new List<(int Left, int Right, int Rank, int Merged)>(pieces.Count * 2);
        foreach ((string text, int merged) in pieces)
        {
            if (text.Length > MaxTokenLength)
            {
                throw new InvalidDataException($"Token {merged} has {text.Length} characters; {MaxTokenLength} are allowed.");
            }

            for (int cut = 1; cut < text.Length; cut++)
            {
                if (lookup.TryGetValue(text.AsSpan(0, cut), out int left) && lookup.TryGetValue(text.AsSpan(cut), out int right))
                {
                    pairs.Add((left, right, ranks[vocabulary.Scores[merged]], merged));
                }
            }
        }

        var table = new MergeTable(pairs.Count);
        foreach ((int left, int right, int rank, int merged) in pairs)
        {
            table.Add(left, right, rank, merged);
        }

        return table;
    }

    /// <summary>True when no token has a space behind something else: then merges never cross the start of a word, and words can be merged apart.</summary>
    public static bool StaysInsideWords(IEnumerable<string> pieces, char space) =>
        pieces.All(p => p.AsSpan().TrimStart(space).IndexOf(space) < 0);
}
