using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Scoring;

/// <summary>What the words of two questions show at a glance, without a model: the differences that are too weak for a guard. The same both ways round.</summary>
public readonly record struct PairFeatures
{
    /// <summary>Words that stand in the place of others: those that only one has, on the side that has fewer of them; 0..3.</summary>
    public required float Replaced { get; init; }

    /// <summary>1 where one side has all of the other's words and at least one more: it often asks for a special case.</summary>
    public required float Restricts { get; init; }

    /// <summary>1 where a capitalised word or an identifier is among those that only one side has.</summary>
    public required float NameAdded { get; init; }

    /// <summary>1 where one side says a number that the other does not.</summary>
    public required float NumberAdded { get; init; }

    /// <summary>1 where one side negates more than the other.</summary>
    public required float NegationAdded { get; init; }

    /// <summary>1 where the two open with asking for different kinds of answer.</summary>
    public required float OtherKind { get; init; }

    public static PairFeatures Read(TextPair pair)
    {
        int left = pair.OnlyLeft.Count, right = pair.OnlyRight.Count;
        QuestionKind kind = QuestionKinds.Of(pair.Left), otherKind = QuestionKinds.Of(pair.Right);
        return new PairFeatures
        {
            Replaced = Math.Min(3, Math.Min(left, right)),
            Restricts = (left == 0) != (right == 0) ? 1 : 0,
            NameAdded = IsNamed(pair.OnlyLeft) || IsNamed(pair.OnlyRight) ? 1 : 0,
            NumberAdded = NumberWords.Read(pair.Left).Count != NumberWords.Read(pair.Right).Count ? 1 : 0,
            NegationAdded = Negations(pair.Left) != Negations(pair.Right) ? 1 : 0,
            OtherKind = kind != otherKind && kind != QuestionKind.Open && otherKind != QuestionKind.Open ? 1 : 0,
        };
    }

    private static bool IsNamed(IReadOnlyList<QuestionToken> words)
    {
        foreach (QuestionToken token in words)
        {
            if (token.Kind == TokenKind.Code || (token.IsCapitalised && !token.StartsSentence))
            {
                return true;
            }
        }

        return false;
    }

    private static int Negations(QuestionText text)
    {
        int count = 0;
        foreach (QuestionToken token in text.Tokens)
        {
            count += token.Kind == TokenKind.Word && token.Lower is "not" or "no" or "never" or "without" or "none" ? 1 : 0;
        }

        return count;
    }
}
