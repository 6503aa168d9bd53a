using System.Buffers;
using System.Collections.Frozen;

namespace CacheProxy.Onnx.Tokenizers;

/// <summary>Finds tokens that are matched in the text as a whole: leftmost first, longest first.</summary>
internal sealed class SpecialTokens
{
    /// <summary>Appends the ids of text without special tokens in it.</summary>
    public delegate void PlainEncoder(ReadOnlySpan<char> text, List<int> output);

    private readonly Dictionary<char, (string Text, int Id)[]> _byFirst;
    private readonly SearchValues<char> _firsts;
    private readonly Dictionary<string, int> _ids;
    private readonly IReadOnlyDictionary<int, TokenTrim> _trims;

    /// <param name="tokens">Of equal texts the first counts.</param>
    /// <param name="trims">Tokens that swallow white space around them.</param>
    public SpecialTokens(IEnumerable<(string Text, int Id)> tokens, IReadOnlyDictionary<int, TokenTrim>? trims = null)
    {
        _trims = trims ?? FrozenDictionary<int, TokenTrim>.Empty;
        (string Text, int Id)[] known = [.. tokens.Where(t => t.Text.Length > 0).DistinctBy(t => t.Text)];
        _ids = known.ToDictionary(t => t.Text, t => t.Id, StringComparer.Ordinal);
        _byFirst = known.GroupBy(t => t.Text[0]).ToDictionary(g => g.Key, g => g.OrderByDescending(t => t.Text.Length).ToArray());
        _firsts = SearchValues.Create([.. _byFirst.Keys]);
    }

    public bool TryGetId(string text, out int id) => _ids.TryGetValue(text, out id);

    /// <summary>Special tokens as themselves, what lies between them by <paramref name="encodePlain"/>.</summary>
    public void Encode(ReadOnlySpan<char> text, List<int> output, PlainEncoder encodePlain)
    {
        while (!text.IsEmpty)
        {
            int at = Find(text, out int length, out int id);
            if (at < 0)
            {
                encodePlain(text, output);
                return;
            }

            TokenTrim trim = _trims.GetValueOrDefault(id);
            encodePlain(trim.HasFlag(TokenTrim.Left) ? text[..at].TrimEnd() : text[..at], output);
            output.Add(id);
            text = trim.HasFlag(TokenTrim.Right) ? text[(at + length)..].TrimStart() : text[(at + length)..];
        }
    }

    /// <summary>Place of the next token in <paramref name="text"/>, or -1 when there is none.</summary>
    public int Find(ReadOnlySpan<char> text, out int length, out int id)
    {
        for (int at = 0; at < text.Length; at++)
        {
            int step = text[at..].IndexOfAny(_firsts);
            if (step < 0)
            {
                break;
            }

            at += step;
            foreach ((string candidate, int candidateId) in _byFirst[text[at]])
            {
                if (text[at..].StartsWith(candidate, StringComparison.Ordinal))
                {
                    (length, id) = (candidate.Length, candidateId);
                    return at;
                }
            }
        }

        (length, id) = (0, -1);
        return -1;
    }
}
