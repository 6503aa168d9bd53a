using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Questions;

/// <summary>
/// Whether two earlier answers to matching questions say the same, so that a follow-up about the one is a follow-up about the other. "It" and "the
/// second one" point into the answer, and of two runs of "name a city" one said Oslo, the other Rome. They agree when they are equal, or have the
/// same meaningful words, numbers, signs and negations in the same order: only small words may differ. A word that one of them repeats from the
/// question is no small word: "France" and "Spain" are both in "which is larger, France or Spain?". In doubt they do not agree.
/// </summary>
public static class AnswerAgreement
{
    private static readonly HashSet<string> Negations = new(StringComparer.Ordinal) { "not", "no", "never", "none", "neither", "nor", "without", "nothing", "nobody" };

    public static bool Agree(string cached, string asked)
    {
        if (string.Equals(cached, asked, StringComparison.Ordinal))
        {
            return true;
        }

        if (HiddenText.IsIn(cached) || HiddenText.IsIn(asked))
        {
            return false;
        }

        string[] left = Meaningful(cached);
        return left.Length > 0 && left.SequenceEqual(Meaningful(asked), StringComparer.Ordinal);
    }

    private static string[] Meaningful(string answer) => [.. new QuestionText(answer).Tokens
        .Where(token => token.IsContent || token.Kind == TokenKind.Symbol || Negations.Contains(token.Lower))
        .Select(token => token.Stem)];
}
