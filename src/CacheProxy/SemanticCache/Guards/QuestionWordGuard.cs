using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>
/// Who, when, where, why, how, how many, yes or no: two that both ask plainly must ask for the same kind of thing; "what" and "which" go with
/// all. Where one asks several things ("... and why?"), both must ask the same several.
/// </summary>
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
        List<Kind> left = Read(cached), right = Read(asked);
        if (left.Count > 1 || right.Count > 1)
        {
            return !left.Order().SequenceEqual(right.Order());
        }

        Kind one = Single(left, cached), other = Single(right, asked);
        return one != other && one != Kind.Open && other != Kind.Open;
    }

    private static List<Kind> Read(QuestionText text)
    {
        var kinds = new List<Kind>();
        for (int i = 0; i < text.Tokens.Count; i++)
        {
            string next = i + 1 < text.Tokens.Count ? text.Tokens[i + 1].Lower : "";
            Kind? kind = text.Tokens[i].Lower switch
            {
                "what" or "which" => Kind.Open,
                "who" or "whom" or "whose" => Kind.Who,
                "when" => Kind.When,
                "where" => Kind.Where,
                "why" => Kind.Why,
                "how" => HowKind(next),
                _ => null,
            };
            if (kind is { } found)
            {
                kinds.Add(found);
            }
        }

        return kinds;
    }

    private static Kind Single(List<Kind> kinds, QuestionText text)
        => kinds.Count == 1 ? kinds[0] : IsYesNo(text) ? Kind.YesNo : Kind.Open;

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
            "can" or "could" or "would" or "will" => second != "you",
            "is" or "are" => second != "there",
            "do" or "does" or "did" or "has" or "have" or "had" or "was" or "were" or "should" or "must" or "may" => !(first == "do" && second == "you"),
            _ => false,
        };
    }
}
