using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace CacheProxy.SemanticCache.Text;

/// <summary>
/// Splits a question into words, numbers, code and signs. Knows no grammar: it keeps apart what guards must not confuse
/// (<c>C</c> and <c>C++</c>, <c>don't</c> and <c>do</c>, <c>1,000</c> and <c>1.000</c>).
/// </summary>
public static partial class QuestionTokenizer
{
    public static IReadOnlyList<QuestionToken> Tokenize(string text)
    {
        string clean = Clean(text);
        var tokens = new List<QuestionToken>();
        int end = 0;
        foreach (ValueMatch match in Pieces().EnumerateMatches(clean))
        {
            bool startsSentence = tokens.Count == 0 || clean.AsSpan(end, match.Index - end).IndexOfAny(".?!\n") >= 0;
            Add(tokens, clean.Substring(match.Index, match.Length), startsSentence);
            end = match.Index + match.Length;
        }

        return tokens;
    }

    // Order matters: an address before a path, code before numbers and words, a word last.
    [GeneratedRegex("""
        https?://[^\s"'`]+
        | [\w.+-]+@[\w-]+\.[\w.-]+\w
        | [\p{L}_$][\w$]*(?:(?:\.|::|->)[\p{L}_]\w*)+(?:\(\))?
        | \w+\(\)
        | (?<![\w-])--?[\p{L}][\w-]*
        | (?<![\w.)\]%-])[-\u2212]\d+(?:\.\d+)?
        | (?<!\w)(?:[~.]{0,2}/)[\w.-]+(?:/[\w.-]*)*
        | (?<!\w)[\p{L}]\+\+(?!\w) | (?<!\w)[\p{L}]\#(?!\w)
        | (?<![\w.])\.[\p{L}]\w+
        | \w*_\w+
        | \d+(?:[.]\d+){2,}
        | \d{1,3}(?:[,_\u00A0\u202F]\d{3})+(?:\.\d+)?(?!\d)
        | \d+(?:\.\d+)?
        | [\p{L}\p{M}]+\d[\p{L}\p{M}\d]*
        | [\p{L}\p{M}]+(?:'[\p{L}]+)*
        | [%$€£¥°+*/=<>^~×÷≤≥≠&|!\u2212-]
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex Pieces();

    // Format characters (zero-width joiners, direction marks) show nothing and must not make two words differ; curly apostrophes are apostrophes.
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (c is '\u2019' or '\u02BC')
            {
                clean.Append('\'');
            }
            else if (char.GetUnicodeCategory(c) != UnicodeCategory.Format)
            {
                clean.Append(c);
            }
        }

        return clean.ToString();
    }

    private static void Add(List<QuestionToken> tokens, string piece, bool startsSentence)
    {
        if (char.IsAsciiDigit(piece[0]) || (piece.Length > 1 && piece[0] is '-' or '\u2212' && char.IsAsciiDigit(piece[1])))
        {
            tokens.Add(new(TokenKind.Number, piece, Digits(piece), Digits(piece), startsSentence));
        }
        else if (!char.IsLetter(piece[0]) && piece.Length == 1)
        {
            AddSymbol(tokens, piece, startsSentence);
        }
        else if (piece.All(c => char.IsLetter(c) || c == '\'' || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark))
        {
            AddWord(tokens, piece, startsSentence);
        }
        else
        {
            string lower = piece.ToLowerInvariant();
            tokens.Add(new(TokenKind.Code, piece, lower, Stemmer.Stem(lower), startsSentence));
        }
    }

    private static void AddSymbol(List<QuestionToken> tokens, string piece, bool startsSentence)
    {
        string sign = piece == "\u2212" ? "-" : piece;
        // Exclamation marks end sentences far more often than they negate, hyphens join words: both count only in code, which is matched whole.
        if (sign is not ("!" or "-" or "|") || (tokens.Count > 0 && tokens[^1].Kind == TokenKind.Number && sign == "-"))
        {
            tokens.Add(new(TokenKind.Symbol, sign, sign, sign, startsSentence));
        }
    }

    private static void AddWord(List<QuestionToken> tokens, string piece, bool startsSentence)
    {
        string lower = piece.ToLowerInvariant();
        int apostrophe = lower.IndexOf('\'');
        if (lower.EndsWith("n't", StringComparison.Ordinal))
        {
            AddSimpleWord(tokens, lower switch { "can't" => "can", "won't" => "will", "shan't" => "shall", _ => piece[..^3] }, startsSentence);
            AddSimpleWord(tokens, "not", startsSentence: false);
        }
        else if (apostrophe > 0)
        {
            AddSimpleWord(tokens, piece[..apostrophe], startsSentence);
            AddSimpleWord(tokens, lower[apostrophe..], startsSentence: false);
        }
        else
        {
            AddSimpleWord(tokens, piece, startsSentence);
        }
    }

    private static void AddSimpleWord(List<QuestionToken> tokens, string word, bool startsSentence)
    {
        string lower = word.ToLowerInvariant();
        if (lower == "cannot")
        {
            AddSimpleWord(tokens, "can", startsSentence);
            AddSimpleWord(tokens, "not", startsSentence: false);
        }
        else if (lower.Length > 0)
        {
            // APIs, URLs: the plural of initials keeps its vowel before the s.
            bool isPluralInitials = word.Length > 2 && word[^1] == 's' && char.IsUpper(word[^2]) && char.IsUpper(word[0]);
            tokens.Add(new(TokenKind.Word, word, lower, Stemmer.Stem(isPluralInitials ? lower[..^1] : lower), startsSentence));
        }
    }

    private static string Digits(string number)
        => number.Replace(",", "").Replace("_", "").Replace("\u00A0", "").Replace("\u202F", "").Replace('\u2212', '-');
}
