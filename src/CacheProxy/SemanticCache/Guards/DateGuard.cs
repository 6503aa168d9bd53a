using System.Collections.Frozen;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>Another month, weekday, season, holiday or relative day. One that only one side names counts as another.</summary>
public sealed class DateGuard : ISemanticGuard
{
    private static readonly FrozenDictionary<string, string> Dates = WordTable.Synonyms("""
        january jan; february feb; april apr; june jun; july jul; august aug; september sep sept; october oct; november nov; december dec
        monday mondays mon; tuesday tuesdays tue tues; wednesday wednesdays wed; thursday thursdays thu thurs; friday fridays fri; saturday saturdays; sunday sundays
        weekend weekends; weekday weekdays; today; tonight; tomorrow; yesterday; morning mornings; noon midday; afternoon afternoons; evening evenings; night nights; midnight
        spring; summer; autumn fall; winter; christmas xmas; easter; ramadan; thanksgiving; halloween
        ago; later; soon
        """);

    public string Name => "dates";

    public bool Vetoes(QuestionText cached, QuestionText asked) => !Read(cached).SetEquals(Read(asked));

    private static HashSet<string> Read(QuestionText text)
    {
        var dates = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < text.Tokens.Count; i++)
        {
            QuestionToken token = text.Tokens[i];
            if (Dates.TryGetValue(token.Lower, out string? date))
            {
                dates.Add(date);
            }
            else if (token.Lower is "may" or "march" && (IsNumber(text, i - 1) || IsNumber(text, i + 1) || (token.IsCapitalised && !token.StartsSentence)))
            {
                // Both are verbs too: a month is capitalised inside a sentence or stands beside a number.
                dates.Add(token.Lower);
            }
        }

        return dates;
    }

    private static bool IsNumber(QuestionText text, int at)
        => at >= 0 && at < text.Tokens.Count && text.Tokens[at].Kind == TokenKind.Number;
}
