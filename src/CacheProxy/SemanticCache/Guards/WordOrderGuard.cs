using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>
/// The same meaningful words, two of them exchanged: "dog bites man", "euros to dollars". The verifier's weakest spot. Not every other order is an
/// exchange: a phrase that moves with its preposition, a possessive, a compound and its "of", things joined by "and" or "vs" keep who does what to whom.
/// </summary>
public sealed class WordOrderGuard : ISemanticGuard
{
    public string Name => "word-order";

    public bool Vetoes(TextPair pair)
    {
        if (pair.OnlyLeft.Count > 0 || pair.OnlyRight.Count > 0)
        {
            return false;
        }

        List<Placed> left = Sequence(pair.Left), right = Sequence(pair.Right);
        return left.Count == right.Count && left.Count >= 2 && HasNoRepeats(left) && SameWords(left, right) && Exchanged(left, right);
    }

    // Where a word stands twice, which of the two has moved is a guess.
    private static bool HasNoRepeats(List<Placed> words) => words.DistinctBy(word => word.Meaning).Count() == words.Count;

    private static bool SameWords(List<Placed> left, List<Placed> right)
        => left.Select(word => word.Meaning).Order(StringComparer.Ordinal).SequenceEqual(right.Select(word => word.Meaning).Order(StringComparer.Ordinal), StringComparer.Ordinal);

    // left = prefix X m Y suffix, right = prefix Y m X suffix
    private static bool Exchanged(List<Placed> left, List<Placed> right)
    {
        int start = 0, end = left.Count;
        while (start < end && left[start].Meaning == right[start].Meaning)
        {
            start++;
        }

        while (end > start && left[end - 1].Meaning == right[end - 1].Meaning)
        {
            end--;
        }

        if (end - start < 2)
        {
            return false;
        }

        for (int cut = 1; cut < end - start; cut++)
        {
            if (Same(left, start, right, end - cut, cut) && Same(left, start + cut, right, start, end - start - cut))
            {
                return TakesPreposition(left, right, start, start + cut, end);
            }
        }

        return Turned(left, right, start, end);
    }

    // X m Y, Y m X: round a pivot, which is what one does to the other. "Germany invades Poland".
    private static bool Turned(List<Placed> left, List<Placed> right, int start, int end)
    {
        int length = end - start;
        for (int first = 1; first <= length - 2; first++)
        {
            for (int last = 1; last <= length - first - 1; last++)
            {
                int pivot = length - first - last;
                if (Same(left, start, right, end - first, first) && Same(left, end - last, right, start, last) && Same(left, start + first, right, start + last, pivot))
                {
                    return left[start].Preposition == right[start].Preposition && left[end - last].Preposition == right[end - first].Preposition;
                }
            }
        }

        return false;
    }

    private static bool Same(List<Placed> left, int leftAt, List<Placed> right, int rightAt, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (left[leftAt + i].Meaning != right[rightAt + i].Meaning)
            {
                return false;
            }
        }

        return true;
    }

    // XY, YX: each stands where the other stood, its preposition left behind: "euros to dollars", "the teacher ... to the student". A phrase that moves
    // with its preposition, a compound and its "of" ("website traffic") or two things joined by "and" exchange nothing.
    private static bool TakesPreposition(List<Placed> left, List<Placed> right, int start, int middle, int end)
    {
        string first = left[start].Preposition, second = left[middle].Preposition;
        return second.Length > 0 && second != "and" && second == right[start + end - middle].Preposition && first == right[start].Preposition;
    }

    private static List<Placed> Sequence(QuestionText text)
    {
        var sequence = new List<Placed>();
        string preposition = "";
        for (int i = 0; i < text.Tokens.Count; i++)
        {
            QuestionToken token = text.Tokens[i];
            if (token.IsContent && !NumberWords.Is(token) && token.Lower is not ("vs" or "versus" or "best" or "good" or "most" or "top"))
            {
                sequence.Add(new Placed(Synonyms.MeaningOf(token.Stem), preposition));
                preposition = "";
            }
            else if (sequence.Count > 0 && token.Lower == "'s" && i + 1 < text.Tokens.Count && text.Tokens[i + 1].IsContent)
            {
                // France's capital = capital of France
                Placed owner = sequence[^1];
                sequence[^1] = new Placed(Synonyms.MeaningOf(text.Tokens[++i].Stem), owner.Preposition);
                sequence.Add(owner with { Preposition = "of" });
            }
            else if (token.Lower is "and" or "or" or "vs" or "versus" or "&")
            {
                preposition = "and";
            }
            else if (IsPreposition(token.Lower))
            {
                preposition = token.Lower is "into" ? "to" : token.Lower;
            }
            else if (token.Lower is "a" or "an" && preposition.Length == 0 && sequence.Count > 0)
            {
                // "every square a rectangle": an article keeps the two from being a compound.
                preposition = "a";
            }
        }

        return sequence;
    }

    private static bool IsPreposition(string word) => word is "of" or "in" or "on" or "at" or "to" or "into" or "from" or "for" or "with" or "by" or "about" or "as" or "over"
        or "under" or "between" or "among" or "through" or "during" or "within" or "per" or "than" or "before" or "after" or "against" or "without" or "if" or "when";

    private readonly record struct Placed(string Meaning, string Preposition);
}
