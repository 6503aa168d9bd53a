using System.Collections.Frozen;

namespace CacheProxy.SemanticCache.Text;

/// <summary>Reads the small word tables that the guards carry as text.</summary>
public static class WordTable
{
    private static readonly char[] White = [' ', '\n', '\r', '\t'];

    /// <summary>Words separated by white space.</summary>
    public static FrozenSet<string> Set(string text) => text.Split(White, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Entries separated by semicolons or line breaks: <c>from to</c>.</summary>
    public static FrozenDictionary<string, string> Pairs(string text)
        => Rows(text, ';', '\n').ToFrozenDictionary(words => words[0], words => words[^1], StringComparer.Ordinal);

    /// <summary>Entries separated by semicolons or line breaks: the first word is the value of all words of its entry, itself included.</summary>
    public static FrozenDictionary<string, string> Synonyms(string text)
        => Rows(text, ';', '\n').SelectMany(words => words.Select(word => (word, words[0])))
            .ToFrozenDictionary(pair => pair.word, pair => pair.Item2, StringComparer.Ordinal);

    /// <summary>Lines of <c>label: word word</c>; a word may stand under several labels.</summary>
    public static FrozenDictionary<string, string[]> Labelled(string text)
        => Rows(text, '\n').SelectMany(words => words.Skip(1).Select(word => (word, label: words[0].TrimEnd(':'))))
            .GroupBy(pair => pair.word, pair => pair.label, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.Distinct().ToArray(), StringComparer.Ordinal);

    private static IEnumerable<string[]> Rows(string text, params char[] separators)
        => text.Split(separators, StringSplitOptions.RemoveEmptyEntries)
            .Select(row => row.Split(White, StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words.Length > 0);
}
