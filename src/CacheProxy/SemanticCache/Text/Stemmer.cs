using System.Collections.Frozen;

namespace CacheProxy.SemanticCache.Text;

/// <summary>
/// Cuts English inflection so that "merging", "merged" and "merge" compare equal. Blunt on purpose: two words that fall together only cost a
/// guard its say, never cause a hit.
/// </summary>
public static class Stemmer
{
    // Spellings of one word, and short forms that are read as the long one.
    private static readonly FrozenDictionary<string, string> SameWord = WordTable.Pairs("""
        litre liter; metre meter; kilometre kilometer; centimetre centimeter; millimetre millimeter; favourite favorite; favourites favorite
        centre center; analyse analyze; programme program; grey gray; theatre theater
        int integer; ints integer; str string; strs string; dict dictionary; dicts dictionary; js javascript; ts typescript
        info information; pic picture; pics picture; photo photograph; photos photograph; macos mac; wrote write; written write; bought buy; sold sell
        made make; took take; taken take; found find; went go; gone go; ran run; got get; gotten get; built build; sent send; paid pay
        left leave; lost lose; won win; began begin; begun begin; broke break; broken break; spoke speak; spoken speak; taught teach
        children child; people person; men man; women woman; feet foot; teeth tooth; mice mouse; leaves leaf; lives life
        """);

    public static string Stem(string lower)
    {
        if (SameWord.TryGetValue(lower, out string? same))
        {
            lower = same;
        }

        string stem = CutEnding(lower);
        return JoinSpelling(stem.Length >= 4 && stem[^1] == 'e' ? stem[..^1] : stem);
    }

    // British and American: behaviour, behavior; organis(e), organiz(e).
    private static string JoinSpelling(string stem)
    {
        if (stem.Length > 4 && stem.EndsWith("our", StringComparison.Ordinal))
        {
            return stem[..^3] + "or";
        }

        return stem.Length > 5 && stem.EndsWith("is", StringComparison.Ordinal) ? stem[..^1] + "z" : stem;
    }

    private static string CutEnding(string word)
    {
        int length = word.Length;
        if (length > 4 && word.EndsWith("ies", StringComparison.Ordinal))
        {
            return word[..^3] + "y";
        }

        if (length > 5 && word.EndsWith("ing", StringComparison.Ordinal))
        {
            return Undouble(word[..^3]);
        }

        if (length > 4 && word.EndsWith("ed", StringComparison.Ordinal) && word[^3] != 'e')
        {
            return word[^3] == 'i' ? word[..^3] + "y" : Undouble(word[..^2]);
        }

        if (length > 4 && word.EndsWith("es", StringComparison.Ordinal) && (word[^3] is 's' or 'x' or 'z' || word[^4..^2] is "ch" or "sh"))
        {
            return word[..^2];
        }

        return length > 3 && word[^1] == 's' && word[^2] is not ('s' or 'u' or 'i') ? word[..^1] : word;
    }

    private static string Undouble(string stem)
        => stem.Length > 3 && stem[^1] == stem[^2] && stem[^1] is not ('l' or 's' or 'z') ? stem[..^1] : stem;
}
