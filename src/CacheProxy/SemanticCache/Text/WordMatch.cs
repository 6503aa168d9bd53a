using System.Collections.Frozen;

namespace CacheProxy.SemanticCache.Text;

/// <summary>Whether a word of one question stands in another one in some form: inflected, derived, as a synonym, misspelt, joined with or split from its neighbour, or as initials.</summary>
public static class WordMatch
{
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> s_endings = WordTable.Set("""
        a e y i n an ian al ial ic ical ion ation ition er or ist ment ly ed en es s ing ive ance ence ant ent ity ness ful ous age th iz able ese ish
        """).Append("").ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <param name="at">Index of the word in <paramref name="own"/>.</param>
    public static bool IsIn(QuestionText own, int at, QuestionText other)
    {
        QuestionToken token = own.Tokens[at];
        if (other.ContentStems.Contains(token.Stem) || other.Meanings.Contains(Synonyms.MeaningOf(token.Stem)) || other.HasWord(token.Lower))
        {
            return true;
        }

        return token.Kind is TokenKind.Word or TokenKind.Code
            && (IsNearAny(token, other) || IsJoined(own, at, other) || IsSplit(token, other) || IsInitials(token, other) || IsSpeltOut(own, at, other));
    }

    /// <summary>The same word but for a slip or an ending: one letter more, less or other from five letters on, two from nine on; or the same root.</summary>
    public static bool IsNear(string left, string right)
        => left == right || IsSameRoot(left, right) || EditDistance.AtMost(left, right, Allowed(Math.Min(left.Length, right.Length)));

    private static bool IsNearAny(QuestionToken token, QuestionText other)
    {
        foreach (QuestionToken candidate in other.Tokens)
        {
            if (candidate.Kind == token.Kind && IsNear(token.Stem, candidate.Stem))
            {
                return true;
            }
        }

        return false;
    }

    // Misspelling keeps the first letter nearly always; "hot" and "pot", "2nd" and "3rd" are two words.
    private static int Allowed(int length) => length >= 9 ? 2 : length >= 5 ? 1 : 0;

    // India, Indian; physics, physical; install, installation: one begins with all of the other but an ending.
    private static bool IsSameRoot(string left, string right)
    {
        int common = 0;
        while (common < left.Length && common < right.Length && left[common] == right[common])
        {
            common++;
        }

        return common >= 4 && s_endings.Contains(left.AsSpan(common)) && s_endings.Contains(right.AsSpan(common));
    }

    // "you tube" for "youtube"
    private static bool IsJoined(QuestionText own, int at, QuestionText other)
    {
        string word = own.Tokens[at].Lower;
        return (at + 1 < own.Tokens.Count && other.HasWord(word + own.Tokens[at + 1].Lower))
            || (at > 0 && other.HasWord(own.Tokens[at - 1].Lower + word));
    }

    // "youtube" for "you tube"
    private static bool IsSplit(QuestionToken token, QuestionText other)
    {
        for (int i = 0; i + 1 < other.Tokens.Count; i++)
        {
            string first = other.Tokens[i].Lower, second = other.Tokens[i + 1].Lower;
            if (first.Length + second.Length == token.Lower.Length
                && token.Lower.StartsWith(first, StringComparison.Ordinal) && token.Lower.EndsWith(second, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    // "USA", "WW2": letters that begin words which stand in a row in the other question.
    private static bool IsInitials(QuestionToken token, QuestionText other)
        => IsInitialsWord(token) && FindSpeltOut(token, other).End > 0;

    private static bool IsSpeltOut(QuestionText own, int at, QuestionText other)
    {
        foreach (QuestionToken token in other.Tokens)
        {
            if (IsInitialsWord(token) && FindSpeltOut(token, own) is var found && at >= found.Start && at < found.End)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsInitialsWord(QuestionToken token)
        => token.Lower.Length is >= 2 and <= 5 && token.IsContent && token.Kind is TokenKind.Word or TokenKind.Code && char.IsLetter(token.Lower[0])
            && (token.Lower.Length >= 3 || char.IsUpper(token.Original[^1]));

    // Indexes from Start up to End, not included; small words between may have no letter: the United States of America.
    private static (int Start, int End) FindSpeltOut(QuestionToken initials, QuestionText text)
    {
        string letters = initials.Lower;
        for (int start = 0; start + letters.Length <= text.Tokens.Count; start++)
        {
            int same = 0, at = start;
            for (; at < text.Tokens.Count && same < letters.Length; at++)
            {
                if (Begins(text.Tokens[at], letters[same]))
                {
                    same++;
                }
                else if (same == 0 || text.Tokens[at].Lower is not ("of" or "and" or "the" or "for"))
                {
                    break;
                }
            }

            if (same == letters.Length)
            {
                return (start, at);
            }
        }

        return default;
    }

    private static bool Begins(QuestionToken token, char letter)
        => token.Kind switch
        {
            TokenKind.Word when char.IsDigit(letter) => letter == '2' && token.Original == "II" || letter == '1' && token.Original == "I" || letter == '3' && token.Original == "III",
            TokenKind.Word => token.Lower[0] == letter,
            _ => token.Lower.Length == 1 && token.Lower[0] == letter,
        };
}
