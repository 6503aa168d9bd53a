using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>Other numbers, another order of them, or other arithmetic signs between them: another answer. Language-neutral for digits.</summary>
public sealed class NumberGuard : ISemanticGuard
{
    public string Name => "numbers";

    public bool Vetoes(QuestionText cached, QuestionText asked)
        => !SameNumbers(cached, asked) || !Signs(cached).SequenceEqual(Signs(asked), StringComparer.Ordinal);

    private static bool SameNumbers(QuestionText cached, QuestionText asked)
    {
        List<string> left = NumberWords.Read(cached), right = NumberWords.Read(asked);
        return Required(left, right, asked).SequenceEqual(Required(right, left, cached), StringComparer.Ordinal);
    }

    // "1 pound" is "a pound" and "one pound": a single one may be matched by the other side's "one" or article.
    private static IEnumerable<string> Required(List<string> own, List<string> other, QuestionText otherText)
    {
        bool oneIsSaid = other.Contains(NumberWords.One) || other.Contains("1") || otherText.HasWord("a") || otherText.HasWord("an");
        return own.Where(number => number != NumberWords.One && !(number == "1" && oneIsSaid));
    }

    private static IEnumerable<string> Signs(QuestionText text)
    {
        for (int i = 0; i < text.Tokens.Count; i++)
        {
            QuestionToken token = text.Tokens[i];
            if (token.Kind == TokenKind.Symbol && token.Lower is not ("$" or "€" or "£" or "¥" or "&" or "~"))
            {
                yield return token.Lower;
            }
            else if (token is { Kind: TokenKind.Word, Lower: "percent" or "percentage" })
            {
                yield return "%";
            }
            else if (token is { Kind: TokenKind.Word, Lower: "per" } && i + 1 < text.Tokens.Count && text.Tokens[i + 1].Lower == "cent")
            {
                yield return "%";
            }
        }
    }
}
