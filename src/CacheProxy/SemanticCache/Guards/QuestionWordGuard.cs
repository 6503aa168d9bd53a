using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>
/// Who, when, where, why, how many: two questions that each open with one of these must open with the same. "What", "which", "how" and questions for
/// yes or no go with all: "how can I" and "can I", "where can I" and "how can I" want the same answer often enough to leave them to the verifier. One that also asks "and why?" is not the one that does not.
/// </summary>
public sealed class QuestionWordGuard : ISemanticGuard
{
    public string Name => "question-word";

    public bool Vetoes(TextPair pair)
    {
        QuestionKind left = QuestionKinds.Of(pair.Left), right = QuestionKinds.Of(pair.Right);
        bool isSameOtherwise = pair.OnlyLeft.Count == 0 && pair.OnlyRight.Count == 0 && left != QuestionKind.Open && right != QuestionKind.Open;
        return (left != right && (isSameOtherwise || (IsPlain(left) && IsPlain(right))))
            || (pair.OnlyRight.Count == 0 && AsksMore(pair.Left, pair.Right)) || (pair.OnlyLeft.Count == 0 && AsksMore(pair.Right, pair.Left));
    }

    // "... and why?": a second question that the other side, which has the same words, does not ask.
    private static bool AsksMore(QuestionText text, QuestionText other)
    {
        for (int i = 1; i < text.Tokens.Count; i++)
        {
            if (text.Tokens[i].Lower is "why" or "when" or "where" or "how" or "who" && text.Tokens[i - 1].Lower == "and" && !other.HasWord(text.Tokens[i].Lower))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsPlain(QuestionKind kind)
        => kind is QuestionKind.Who or QuestionKind.When or QuestionKind.Where or QuestionKind.Why or QuestionKind.HowMuch;
}
