using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>Other numbers, another order of them, or other arithmetic between them: another answer. Language-neutral for digits.</summary>
public sealed class NumberGuard : ISemanticGuard
{
    public string Name => "numbers";

    public bool Vetoes(TextPair pair)
    {
        List<string> own = NumberWords.Read(pair.Left), other = NumberWords.Read(pair.Right);
        List<string> left = Required(own, other, pair.Right), right = Required(other, own, pair.Left);
        bool moreLeft = left.Exists(number => !right.Contains(number)), moreRight = right.Exists(number => !left.Contains(number));
        if (moreLeft && moreRight)
        {
            return true;
        }

        // A number more on one side is the difference when the other side says nothing else in its place.
        return (moreLeft && pair.OnlyRight.Count == 0) || (moreRight && pair.OnlyLeft.Count == 0)
            || (!moreLeft && !moreRight && pair.OnlyLeft.Count + pair.OnlyRight.Count == 0
                && (!left.SequenceEqual(right, StringComparer.Ordinal) || !SameSigns(pair.Left, pair.Right)))
            || !SamePercents(pair);
    }

    private static bool SamePercents(TextPair pair) => Signs(pair.Left).Contains('%') == Signs(pair.Right).Contains('%');

    // "1 pound" is "a pound" and "one pound": a single one may be matched by the other side's "one" or article. "How was it first used" counts nothing.
    private static List<string> Required(List<string> own, List<string> other, QuestionText otherText)
    {
        bool oneIsSaid = other.Contains(NumberWords.One) || other.Contains("1") || otherText.HasWord("a") || otherText.HasWord("an");
        return own.FindAll(number => number != NumberWords.One && !(number == "1" && oneIsSaid)
            && !(number == NumberWords.First && !other.Exists(static n => n.StartsWith(NumberWords.Ordinal))));
    }

    private static bool SameSigns(QuestionText left, QuestionText right)
    {
        string own = Signs(left), other = Signs(right);
        return own == other || own.Length == 0 || other.Length == 0;
    }

    // Only signs at a number calculate: a slash or a plus between words is punctuation. A slash may also be read as "out of".
    private static string Signs(QuestionText text)
    {
        string signs = "";
        for (int i = 0; i < text.Tokens.Count; i++)
        {
            QuestionToken token = text.Tokens[i];
            if (token.Kind == TokenKind.Symbol && token.Lower is "%" or "+" or "*" or "×" or "÷" or "=" or "<" or ">" or "≤" or "≥" or "≠" or "^" or "-"
                && (IsNumber(text, i - 1) || IsNumber(text, i + 1)))
            {
                signs += token.Lower;
            }
            else if (token is { Kind: TokenKind.Word, Lower: "percent" or "percentage" } && IsNumber(text, i - 1))
            {
                signs += "%";
            }
            else if (token is { Kind: TokenKind.Word, Lower: "per" } && i + 1 < text.Tokens.Count && text.Tokens[i + 1].Lower == "cent")
            {
                signs += "%";
            }
        }

        return signs;
    }

    private static bool IsNumber(QuestionText text, int at) => at >= 0 && at < text.Tokens.Count && text.Tokens[at].Kind == TokenKind.Number;
}
