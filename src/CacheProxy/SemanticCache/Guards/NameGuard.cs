using System.Collections.Frozen;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>
/// A capitalised word of one side must stand in the other, in any case: France and Germany, React and Angular are near neighbours of the encoder.
/// The first word of a sentence counts unless it is a usual opening.
/// </summary>
public sealed class NameGuard : ISemanticGuard
{
    private static readonly FrozenSet<string> Openings = WordTable.Set("""
        explain describe write compose create make generate draft give list show tell name suggest recommend propose provide find get compare
        summarize summarise translate define fix correct rewrite improve convert calculate compute solve help please can could would will should
        is are was were do does did has have had what which who whom whose when where why how if in on at for with from the a an my i we you your it
        meaning difference between best good tips steps ways way need want looking whats hows taking getting making using let lets
        imagine assume suppose consider discuss outline identify state mention think say ask answer check tips advice ideas some any there this that these those
        """);

    public string Name => "names";

    public bool Vetoes(QuestionText cached, QuestionText asked) => Missing(cached, asked) || Missing(asked, cached);

    private static bool Missing(QuestionText text, QuestionText other)
    {
        foreach (QuestionToken token in text.Tokens)
        {
            if (IsName(token) && !other.ContentStems.Contains(token.Stem) && !other.HasWord(token.Lower))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsName(QuestionToken token)
        => token.IsCapitalised && !StopWords.Contains(token.Lower) && !(token.StartsSentence && Openings.Contains(token.Lower));
}
