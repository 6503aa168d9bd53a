using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>Who, when, where, why, how, how many, yes or no: two that both ask plainly must ask for the same kind of thing. "What" and "which" go with all.</summary>
public sealed class QuestionWordGuard : ISemanticGuard
{
    private enum Kind
    {
        Open,
        Who,
        When,
        Where,
        Why,
        How,
        HowMuch,
        YesNo,
    }

    public string Name => "question-word";

    public bool Vetoes(QuestionText cached, QuestionText asked)
    {
        Kind left = Read(cached), right = Read(asked);
        return left != right && left != Kind.Open && right != Kind.Open;
    }

    private static Kind Read(QuestionText text)
    {
        for (int i = 0; i < text.Tokens.Count; i++)
        {
            string next = i + 1 < text.Tokens.Count ? text.Tokens[i + 1].Lower : "";
            Kind kind = text.Tokens[i].Lower switch
            {
                "who" or "whom" or "whose" => Kind.Who,
                "when" => Kind.When,
                "where" => Kind.Where,
                "why" => Kind.Why,
                "how" => HowKind(next),
                _ => Kind.Open,
            };
            if (kind != Kind.Open)
            {
                return kind;
            }
        }

        return IsYesNo(text) ? Kind.YesNo : Kind.Open;
    }

    private static Kind HowKind(string next) => next switch
    {
        "many" or "much" or "long" or "old" or "tall" or "far" or "often" or "big" or "large" or "deep" or "high" or "fast" or "heavy" or "wide" => Kind.HowMuch,
        "come" => Kind.Why,
        _ => Kind.How,
    };

    // "Can you explain ..." is a request, "is there a way to ..." asks how: neither is answered by yes or no.
    private static bool IsYesNo(QuestionText text)
    {
        if (text.Tokens.Count < 3)
        {
            return false;
        }

        string first = text.Tokens[0].Lower, second = text.Tokens[1].Lower;
        return first switch
        {
            "can" or "could" or "would" or "will" => second != "you" && !HasOpenWord(text),
            "is" or "are" => second != "there" && !HasOpenWord(text),
            "do" or "does" or "did" or "has" or "have" or "had" or "was" or "were" or "should" or "must" or "may" => !HasOpenWord(text) && !(first == "do" && second == "you"),
            _ => false,
        };
    }

    private static bool HasOpenWord(QuestionText text) => text.HasWord("what") || text.HasWord("which");
}
