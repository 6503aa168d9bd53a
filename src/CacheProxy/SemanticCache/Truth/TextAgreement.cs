using System.Globalization;
using System.Text;
using CacheProxy.SemanticCache.Guards;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Truth;

/// <summary>What two answers' words alone say about whether they are the same answer.</summary>
internal static class TextAgreement
{
    // Whoever has at most so many content words answers with a name, a number or a yes: every one counts.
    private const int ShortWords = 4;

    // In so few words a negation that only one of two answers has is the difference between them; in longer ones it may be an aside.
    private const int FewWords = 30;

    private static readonly NegationGuard s_negation = new();

    /// <summary>The same text but for case, white space, punctuation and marks of formatting.</summary>
    public static bool AreEqual(string left, string right) => Normalise(left) == Normalise(right);

    /// <summary>One holds a number, or a name in a short answer, that the other contradicts.</summary>
    public static bool Contradict(string left, string right)
    {
        var one = new QuestionText(left);
        var other = new QuestionText(right);
        return NumbersDiffer(one, other) || ((one.Content.Count <= ShortWords || other.Content.Count <= ShortWords) && ShortDiffer(one, other)) || PolarityDiffers(left, right)
            || (one.Tokens.Count <= FewWords && other.Tokens.Count <= FewWords && s_negation.Vetoes(new TextPair(one, other)));
    }

    /// <summary>One negates what the other says: nobody's word makes them the same answer, though in a longer text it need not be the point.</summary>
    public static bool NegationsDiffer(string left, string right) => s_negation.Vetoes(new TextPair(new QuestionText(left), new QuestionText(right)));

    // Both give numbers, and each has one that the other lacks. A longer answer may hold further ones.
    private static bool NumbersDiffer(QuestionText left, QuestionText right)
    {
        HashSet<string> one = Numbers(left), other = Numbers(right);
        return one.Count > 0 && other.Count > 0 && !one.IsSubsetOf(other) && !other.IsSubsetOf(one);
    }

    // "Paris" against "It is Lyon.": the shorter one's content must be in the longer one.
    private static bool ShortDiffer(QuestionText left, QuestionText right)
    {
        (QuestionText fewer, QuestionText more) = left.Content.Count <= right.Content.Count ? (left, right) : (right, left);
        return fewer.Content.Count > 0 && !fewer.Content.Any(token => more.ContentStems.Contains(token.Stem));
    }

    private static bool PolarityDiffers(string left, string right) => (Polarity(left), Polarity(right)) is ("yes", "no") or ("no", "yes");

    private static string? Polarity(string text)
    {
        string first = Normalise(text).Split(' ', 2)[0];
        return first is "yes" or "yeah" or "true" or "correct" ? "yes" : first is "no" or "nope" or "false" or "incorrect" ? "no" : null;
    }

    private static HashSet<string> Numbers(QuestionText text)
        => [.. text.Tokens.Where(token => token.Kind == TokenKind.Number).Select(token => Canonical(token.Lower))];

    private static string Canonical(string number)
        => decimal.TryParse(number.Replace(",", "", StringComparison.Ordinal), NumberStyles.Number, CultureInfo.InvariantCulture, out decimal value)
            ? value.ToString("0.############", CultureInfo.InvariantCulture)
            : number;

    private static string Normalise(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (char c in text.Normalize(NormalizationForm.FormKC))
        {
            if (char.IsLetterOrDigit(c) || c is '+' or '-' or '.' or '%' or '$' or '€')
            {
                result.Append(char.ToLowerInvariant(c));
            }
            else if (result.Length > 0 && result[^1] != ' ')
            {
                result.Append(' ');
            }
        }

        return string.Join(' ', result.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.TrimEnd('.')).Where(word => word.Length > 0));
    }
}
