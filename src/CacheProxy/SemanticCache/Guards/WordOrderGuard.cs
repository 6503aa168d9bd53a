using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>
/// The same meaningful words in another order: "dog bites man". The verifier's weakest spot. A possessive is read as its "of" form, and two
/// things joined by "and", "or", "vs" may change places.
/// </summary>
public sealed class WordOrderGuard : ISemanticGuard
{
    public string Name => "word-order";

    public bool Vetoes(QuestionText cached, QuestionText asked)
    {
        List<string> left = Sequence(cached), right = Sequence(asked);
        return left.Count == right.Count
            && !left.SequenceEqual(right, StringComparer.Ordinal)
            && left.Order(StringComparer.Ordinal).SequenceEqual(right.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    private static List<string> Sequence(QuestionText text)
    {
        var sequence = new List<string>();
        for (int i = 0; i < text.Tokens.Count; i++)
        {
            QuestionToken token = text.Tokens[i];
            if (token.IsContent && token.Lower is not ("vs" or "versus"))
            {
                sequence.Add(token.Stem);
            }
            else if (sequence.Count > 0 && token.Lower == "'s" && TryNextContent(text, i, out int next))
            {
                // France's capital = capital (of) France
                sequence.Insert(sequence.Count - 1, text.Tokens[next].Stem);
                i = next;
            }
        }

        SortJoined(text, sequence);
        return sequence;
    }

    private static bool TryNextContent(QuestionText text, int at, out int next)
    {
        next = at + 1;
        return next < text.Tokens.Count && text.Tokens[next].IsContent;
    }

    // X and Y, X vs Y: in the order of the alphabet, so that both ways compare equal.
    private static void SortJoined(QuestionText text, List<string> sequence)
    {
        for (int i = 1; i + 1 < text.Tokens.Count; i++)
        {
            if (text.Tokens[i].Lower is not ("and" or "or" or "vs" or "versus") || !text.Tokens[i - 1].IsContent || !NextJoined(text, i, out QuestionToken right))
            {
                continue;
            }

            int at = sequence.IndexOf(text.Tokens[i - 1].Stem);
            if (at >= 0 && at + 1 < sequence.Count && sequence[at + 1] == right.Stem && string.CompareOrdinal(sequence[at], sequence[at + 1]) > 0)
            {
                (sequence[at], sequence[at + 1]) = (sequence[at + 1], sequence[at]);
            }
        }
    }

    private static bool NextJoined(QuestionText text, int at, out QuestionToken right)
    {
        int next = at + 1;
        if (text.Tokens[next].Lower is "a" or "an" or "the" && next + 1 < text.Tokens.Count)
        {
            next++;
        }

        right = text.Tokens[next];
        return right.IsContent;
    }
}
