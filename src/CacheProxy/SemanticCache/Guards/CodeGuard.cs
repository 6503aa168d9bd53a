using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>
/// Identifiers, paths, options, addresses, versions must be the same on both sides; single capital letters and camelCase words, which are spelt in
/// many ways, must not stand one in the place of another. camelCase compares without case (JavaScript, javascript), everything with a sign in it by
/// the letter. Language-neutral.
/// </summary>
public sealed class CodeGuard : ISemanticGuard
{
    public string Name => "code";

    public bool Vetoes(TextPair pair)
        => Missing(pair.Left, pair.Right) || Missing(pair.Right, pair.Left) || LettersDiffer(pair) || (HasOdd(pair.Left, pair.Right) && HasOdd(pair.Right, pair.Left));

    private static bool Missing(QuestionText text, QuestionText other)
    {
        foreach (QuestionToken token in text.Tokens)
        {
            if (token.Kind == TokenKind.Code && HasSign(token.Original) && !Has(other, token))
            {
                return true;
            }
        }

        return false;
    }

    // A call is also written without its brackets, a member without its owner.
    private static bool Has(QuestionText text, QuestionToken code)
    {
        foreach (QuestionToken token in text.Tokens)
        {
            if (token.Original == code.Original || (code.Original.Length <= 3 && token.Lower == code.Lower) || (token.Kind == TokenKind.Word && code.Original.EndsWith("()", StringComparison.Ordinal) && code.Original[..^2] == token.Original))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasSign(string code)
    {
        foreach (char c in code)
        {
            if (!char.IsLetterOrDigit(c) && c is not '-')
            {
                return true;
            }
        }

        return false;
    }

    // By the letter: fooBar and fooBaz are no slip of the other.
    private static bool HasOdd(QuestionText text, QuestionText other)
    {
        foreach (QuestionToken token in text.Tokens)
        {
            if ((token.Kind == TokenKind.Code || (token.Kind == TokenKind.Word && IsInnerCapital(token.Original)))
                && !other.HasWord(token.Lower) && !other.ContentStems.Contains(token.Stem))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsInnerCapital(string word)
    {
        for (int i = 1; i < word.Length; i++)
        {
            if (char.IsUpper(word[i]) && char.IsLower(word[i - 1]))
            {
                return true;
            }
        }

        return false;
    }

    // The language C, vitamin D, plan B: one letter against another, or against C++ and C#. "A" and "I" are words.
    private static bool LettersDiffer(TextPair pair)
    {
        string left = Letters(pair.Left), right = Letters(pair.Right);
        return left.Length > 0 && right.Length > 0 && left != right;
    }

    private static string Letters(QuestionText text)
    {
        string letters = "";
        foreach (QuestionToken token in text.Tokens)
        {
            if ((token.Original.Length == 1 && token.IsCapitalised && token.Original is not ("A" or "I"))
                || (token.Kind == TokenKind.Code && token.Original.Length is 2 or 3 && token.Original[^1] is '+' or '#'))
            {
                letters += token.Original.ToUpperInvariant() + " ";
            }
        }

        return letters;
    }
}
