namespace CacheProxy.SemanticCache.Text;

/// <summary>Reads which <see cref="QuestionKind"/> a question opens with. English.</summary>
public static class QuestionKinds
{
    /// <summary>The first question word that opens a sentence or follows its first few words; conjunctions ("... when it rains") are none.</summary>
    public static QuestionKind Of(QuestionText text)
    {
        int start = 0;
        for (int i = 0; i < text.Tokens.Count; i++)
        {
            QuestionToken token = text.Tokens[i];
            start = token.StartsSentence ? i : start;
            if (token.Kind == TokenKind.Word && i - start <= 2 && Kind(token.Lower, i + 1 < text.Tokens.Count ? text.Tokens[i + 1].Lower : "", i == start) is { } kind)
            {
                return kind;
            }
        }

        return QuestionKind.Open;
    }

    private static QuestionKind? Kind(string word, string next, bool isFirst) => word switch
    {
        "what" => next is "year" or "date" or "day" or "month" or "time" ? QuestionKind.When : next is "makes" or "causes" ? QuestionKind.Why : QuestionKind.Open,
        "which" => QuestionKind.Open,
        "who" or "whom" or "whose" => QuestionKind.Who,
        "when" => isFirst ? QuestionKind.When : null,
        "where" => QuestionKind.Where,
        "why" => QuestionKind.Why,
        "how" => next switch
        {
            "many" or "much" or "long" or "old" or "tall" or "far" or "often" or "big" or "large" or "deep" or "high" or "fast" or "heavy" or "wide" => QuestionKind.HowMuch,
            "come" => QuestionKind.Why,
            _ => QuestionKind.How,
        },
        "is" or "are" or "do" or "does" or "did" or "was" or "were" or "has" or "have" or "had" or "should" or "must" or "may" when isFirst && next is not ("you" or "there")
            => QuestionKind.YesNo,

        // "Can I earn money online" wants to be told how.
        "can" or "could" when isFirst && next != "you" => QuestionKind.How,
        "would" or "will" when isFirst && next != "you" => QuestionKind.YesNo,
        _ => null,
    };
}
