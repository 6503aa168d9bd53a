using System.Collections.Frozen;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>
/// One name in the place of another: France and Germany, React and Angular are near neighbours of the encoder. Each side must have a name that the
/// other has in no form, or one side adds a name with its preposition and nothing else differs. Any other name more is a matter for the score.
/// </summary>
public sealed class NameGuard : ISemanticGuard
{
    private static readonly FrozenSet<string> Openings = WordTable.Set("""
        explain describe write compose create make generate draft give list show tell name suggest recommend propose provide find get compare
        summarize summarise translate define fix correct rewrite improve convert calculate compute solve help please can could would will should
        is are was were do does did has have had what which who whom whose when where why how if in on at for with from the a an my i we you your it
        meaning difference between best good tips steps ways way need want looking whats hows taking getting making using let lets rate add play put
        imagine assume suppose consider discuss outline identify state mention think say ask answer check advice ideas some any there this that these those
        """);

    // They name nobody by themselves: PM Modi, Narendra Modi.
    private static readonly FrozenSet<string> Titles = WordTable.Set("""
        mr mrs ms miss dr sir lord lady pm president prime minister chief gen general govt government king queen prince pope prof professor senator governor
        company group inc ltd corp corporation llc university college institute city state country language
        """);

    public string Name => "names";

    public bool Vetoes(TextPair pair)
    {
        bool left = HasName(pair.OnlyLeft, pair.Left), right = HasName(pair.OnlyRight, pair.Right);
        return (left && right) || (left && pair.OnlyRight.Count == 0 && IsAddedPhrase(pair.OnlyLeft, pair.Left))
            || (right && pair.OnlyLeft.Count == 0 && IsAddedPhrase(pair.OnlyRight, pair.Right));
    }

    // "the time", "the time in Tokyo": a name more, with its preposition, is another question. "Galaxy", "Samsung Galaxy" is the same thing.
    private static bool IsAddedPhrase(IReadOnlyList<QuestionToken> words, QuestionText text)
    {
        for (int i = 1; i < text.Tokens.Count; i++)
        {
            if (text.Tokens[i].IsCapitalised && words.Contains(text.Tokens[i]) && text.Tokens[i - 1].Lower is "in" or "for" or "of" or "at" or "from" or "to" or "on" or "with" or "near")
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasName(IReadOnlyList<QuestionToken> words, QuestionText text)
    {
        bool? isTitle = null;
        foreach (QuestionToken token in words)
        {
            if (token.IsCapitalised && !Titles.Contains(token.Lower) && !(token.StartsSentence && Openings.Contains(token.Lower)) && !(isTitle ??= IsTitle(text)))
            {
                return true;
            }
        }

        return false;
    }

    // Where Every Word Has A Capital, capitals name nothing.
    private static bool IsTitle(QuestionText text)
    {
        int words = 0, capitals = 0;
        foreach (QuestionToken token in text.Tokens)
        {
            if (token.Kind == TokenKind.Word && !token.StartsSentence && token.Lower.Length > 3)
            {
                words++;
                capitals += token.IsCapitalised ? 1 : 0;
            }
        }

        return words >= 3 && capitals * 4 >= words * 3;
    }
}
