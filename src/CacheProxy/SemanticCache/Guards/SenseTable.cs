using System.Collections.Frozen;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>
/// Groups of senses that exclude each other. One group a line, senses separated by <c>|</c>, the words of a sense by blanks; words are stored by
/// stem. A line that starts with <c>!</c> is strict: there, a sense that only one question names counts as a difference too.
/// </summary>
public sealed class SenseTable
{
    private readonly FrozenDictionary<string, (int Group, int Sense)[]> _senses;
    private readonly bool[] _strict;

    public SenseTable(string text)
    {
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        _strict = [.. lines.Select(line => line.StartsWith('!'))];
        _senses = lines.SelectMany(Words)
            .GroupBy(row => row.Word, row => (row.Group, row.Sense), StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.Distinct().ToArray(), StringComparer.Ordinal);
    }

    /// <summary>True when in some group the two texts name different senses (a group that one does not touch counts only if strict).</summary>
    /// <param name="words">Which tokens may name a sense.</param>
    public bool Differ(QuestionText left, QuestionText right, Func<QuestionToken, bool> words)
    {
        Dictionary<int, int> leftSenses = Read(left, words), rightSenses = Read(right, words);
        return OneSided(leftSenses, rightSenses) || OneSided(rightSenses, leftSenses);
    }

    private bool OneSided(Dictionary<int, int> own, Dictionary<int, int> other)
    {
        foreach ((int group, int senses) in own)
        {
            if (other.TryGetValue(group, out int others) ? others != senses : _strict[group])
            {
                return true;
            }
        }

        return false;
    }

    // Group -> bit set of the senses named.
    private Dictionary<int, int> Read(QuestionText text, Func<QuestionToken, bool> words)
    {
        var found = new Dictionary<int, int>();
        foreach (QuestionToken token in text.Tokens)
        {
            if (words(token) && _senses.TryGetValue(token.Stem, out (int Group, int Sense)[]? senses))
            {
                foreach ((int group, int sense) in senses)
                {
                    found[group] = found.GetValueOrDefault(group) | (1 << sense);
                }
            }
        }

        return found;
    }

    private static IEnumerable<(string Word, int Group, int Sense)> Words(string line, int group)
        => line.TrimStart('!').Split('|').SelectMany((sense, index) => sense
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(word => (Stemmer.Stem(word), group, index)));
}
