using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>
/// Identifiers, paths, options, addresses, versions and single capital letters must be the same on both sides. camelCase compares without case
/// (JavaScript, javascript), everything with a sign in it by the letter. Language-neutral.
/// </summary>
public sealed class CodeGuard : ISemanticGuard
{
    public string Name => "code";

    public bool Vetoes(QuestionText cached, QuestionText asked) => Missing(cached, asked) || Missing(asked, cached);

    private static bool Missing(QuestionText text, QuestionText other)
    {
        foreach (QuestionToken token in text.Tokens)
        {
            if (token.Kind == TokenKind.Code && !other.Tokens.Any(t => Same(t, token)))
            {
                return true;
            }

            if (token.Kind == TokenKind.Word && (IsInnerCapital(token.Original) || IsSingleCapital(token))
                && !other.Tokens.Any(t => t.Lower == token.Lower || t.Stem == token.Stem))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Same(QuestionToken left, QuestionToken right)
        => HasSign(right.Original) ? left.Original == right.Original : left.Lower == right.Lower;

    private static bool HasSign(string code) => code.Any(c => !char.IsLetterOrDigit(c) && c is not ('.' or '-'));

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

    // The language C, vitamin D, plan B; "A" and "I" are words.
    private static bool IsSingleCapital(QuestionToken token) => token.Original.Length == 1 && token.IsCapitalised && token.Original is not ("A" or "I");
}
