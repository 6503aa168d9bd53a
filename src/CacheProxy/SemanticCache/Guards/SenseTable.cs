using System.Collections.Frozen;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>
/// Groups of senses that exclude each other. One group a line, senses separated by <c>|</c>, the words of a sense by blanks; words are stored by
/// stem. A word may stand in several groups.
/// </summary>
public sealed class SenseTable
{
    private readonly FrozenDictionary<string, (int Group, int Sense)[]> _senses;

    public SenseTable(string text)
        => _senses = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .SelectMany(Words)
            .GroupBy(row => row.Word, row => (row.Group, row.Sense), StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.Distinct().ToArray(), StringComparer.Ordinal);

    /// <summary>True when in some group each text names a sense that the other does not: one was replaced by the other.</summary>
    /// <param name="words">Which tokens may name a sense.</param>
    public bool Replaced(QuestionText left, QuestionText right, Func<QuestionToken, bool> words)
    {
        Dictionary<int, int>? own = Read(left, words), other = Read(right, words);
        if (own is null || other is null)
        {
            return false;
        }

        foreach ((int group, int senses) in own)
        {
            if (other.TryGetValue(group, out int others) && (senses & ~others) != 0 && (others & ~senses) != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Group and sense of a word's first meaning here; null: it has none.</summary>
    public (int Group, int Sense)? SenseOf(QuestionToken token)
        => _senses.TryGetValue(token.Stem, out (int Group, int Sense)[]? senses) ? senses[0] : null;

    // Group -> bit set of the senses named.
    private Dictionary<int, int>? Read(QuestionText text, Func<QuestionToken, bool> words)
    {
        Dictionary<int, int>? found = null;
        foreach (QuestionToken token in text.Tokens)
        {
            if (words(token) && _senses.TryGetValue(token.Stem, out (int Group, int Sense)[]? senses))
            {
                found ??= [];
                foreach ((int group, int sense) in senses)
                {
                    found[group] = found.GetValueOrDefault(group) | (1 << sense);
                }
            }
        }

        return found;
    }

    private static IEnumerable<(string Word, int Group, int Sense)> Words(string line, int group)
        => line.Split('|').SelectMany((sense, index) => sense
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(word => (Stemmer.Stem(word), group, index)));
}
