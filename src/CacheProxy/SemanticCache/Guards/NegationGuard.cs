using System.Collections.Frozen;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>
/// A word that is negated on one side only, or a negation that only one side has where the wording is the same otherwise: similar vectors, opposite
/// answers. Prefixes negate what the other side says without them (legal, illegal), two negations on one word cancel, and "or not", "isn't it", "not
/// only" negate nothing. Where much else differs, a clause more with a "not" in it is a matter for the verifier.
/// </summary>
public sealed class NegationGuard : ISemanticGuard
{
    // Unmatched words beside which a negation is no longer the difference between the two questions.
    private const int OtherWords = 2;

    private static readonly FrozenSet<string> Negations = WordTable.Set("""
        not no never without none nobody nowhere neither nor non nt dont doesnt didnt isnt arent wasnt cant wont shouldnt couldnt wouldnt
        """);

    // They turn a question round as a "not" does, but have many synonyms: they count only where the other side has nothing in their place.
    private static readonly FrozenSet<string> Reversals = WordTable.Set("""
        stop avoid prevent quit lack fail refuse except exclude unless hardly barely rarely seldom unable instead
        """);

    private static readonly string[] Prefixes = ["un", "in", "im", "il", "ir", "dis", "non", "mis"];

    public string Name => "negation";

    public bool Vetoes(TextPair pair)
    {
        Reading left = Read(pair.Left, pair.Right), right = Read(pair.Right, pair.Left);
        bool flippedRight = Flipped(left, right, pair.Right), flippedLeft = Flipped(right, left, pair.Left);
        if (left.Count == right.Count)
        {
            // "not hot but cold" and "not cold but hot"
            return (flippedLeft && flippedRight && pair.Left.HasWord("but") && pair.Right.HasWord("but")) || Reversed(pair);
        }

        bool isNearlyAll = left.Count > right.Count ? pair.OnlyRight.Count < OtherWords : pair.OnlyLeft.Count < OtherWords;
        return flippedLeft || flippedRight || isNearlyAll;
    }

    private static bool Reversed(TextPair pair)
        => (Reverses(pair.OnlyLeft) && pair.OnlyRight.Count == 0) || (Reverses(pair.OnlyRight) && pair.OnlyLeft.Count == 0);

    private static bool Reverses(IReadOnlyList<QuestionToken> words) => words.Any(token => Reversals.Contains(token.Stem));

    private static bool Flipped(Reading own, Reading other, QuestionText otherText)
    {
        foreach (string stem in own.Negated)
        {
            if (!other.Negated.Contains(stem) && otherText.ContentStems.Contains(stem))
            {
                return true;
            }
        }

        return false;
    }

    private static Reading Read(QuestionText text, QuestionText other)
    {
        var reading = new Reading(0, []);
        for (int i = 0; i < text.Tokens.Count; i++)
        {
            QuestionToken token = text.Tokens[i];
            if (token.Kind != TokenKind.Word || (Negations.Contains(token.Lower) && IsIdle(text, i)))
            {
                continue;
            }

            if (Negations.Contains(token.Lower))
            {
                int next = Following(text, i);
                if (next >= 0 && Base(text.Tokens[next], other) is not null)
                {
                    // "not impossible": the prefix cancels it, and is spent.
                    i = next;
                    continue;
                }

                reading = reading with { Count = reading.Count + 1 };
                if (next >= 0)
                {
                    reading.Negated.Add(text.Tokens[next].Stem);
                }
            }
            else if (Base(token, other) is { } positive)
            {
                reading = reading with { Count = reading.Count + 1 };
                reading.Negated.Add(positive);
            }
        }

        return reading;
    }

    // "... or not?", "not only ...", "..., isn't it?", "why not", "no matter"
    private static bool IsIdle(QuestionText text, int at)
    {
        string before = at > 0 ? text.Tokens[at - 1].Lower : "", after = at + 1 < text.Tokens.Count ? text.Tokens[at + 1].Lower : "";
        return text.Tokens[at].Lower is "not" or "no" && (before is "or" or "why" or "if"
            || after is "only" or "just" or "matter"
            || (at == text.Tokens.Count - 2 && after is "it" or "they" or "you" or "he" or "she" or "we" or "i" or "there" or "that"));
    }

    private static int Following(QuestionText text, int at)
    {
        for (int i = at + 1; i < text.Tokens.Count && i <= at + 4; i++)
        {
            if (text.Tokens[i].IsContent)
            {
                return i;
            }
        }

        return -1;
    }

    // The word without its negating prefix, when the other question has it so.
    private static string? Base(QuestionToken token, QuestionText other)
    {
        if (token.Stem.Length < 5 || other.ContentStems.Contains(token.Stem))
        {
            return null;
        }

        foreach (string prefix in Prefixes)
        {
            if (token.Stem.Length >= prefix.Length + 3 && token.Stem.StartsWith(prefix, StringComparison.Ordinal) && other.ContentStems.Contains(token.Stem[prefix.Length..]))
            {
                return token.Stem[prefix.Length..];
            }
        }

        return null;
    }

    /// <param name="Count">Negations that count.</param>
    /// <param name="Negated">Stems of the words that they negate.</param>
    private readonly record struct Reading(int Count, HashSet<string> Negated);
}
