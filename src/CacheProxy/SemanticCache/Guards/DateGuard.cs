using System.Collections.Frozen;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>
/// Another month, weekday, season, holiday, relative day or time of day. A month, weekday or holiday that only one side names counts as another;
/// "today", a season or a time of day is often meant without being said.
/// </summary>
public sealed class DateGuard : ISemanticGuard
{
    private const int Groups = 6;

    // A line is a group whose members exclude each other; the first two may not be one-sided either.
    private static readonly FrozenDictionary<string, (string Date, int Group)> Dates = Read("""
        january jan; february feb; april apr; june jun; july jul; august aug; september sep sept; october oct; november nov; december dec
        christmas xmas; easter; ramadan; thanksgiving; halloween; diwali; hanukkah; passover; eid
        monday mondays mon; tuesday tuesdays tue tues; wednesday wednesdays wed; thursday thursdays thu thurs; friday fridays fri; saturday saturdays; sunday sundays; weekend weekends; weekday weekdays
        today tonight; tomorrow; yesterday
        morning mornings; noon midday; afternoon afternoons; evening evenings; night nights; midnight
        spring; summer summers; autumn fall; winter winters
        """);

    public string Name => "dates";

    public bool Vetoes(TextPair pair)
    {
        HashSet<string>?[] left = Read(pair.Left), right = Read(pair.Right);
        for (int group = 0; group < Groups; group++)
        {
            if (Differ(left[group], right[group], mayBeLeftOut: group >= 3))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Differ(HashSet<string>? left, HashSet<string>? right, bool mayBeLeftOut)
    {
        if (left is null || right is null)
        {
            HashSet<string>? only = left ?? right;
            return only is not null && (!mayBeLeftOut || only.Contains("tomorrow") || only.Contains("yesterday"));
        }

        return !left.SetEquals(right);
    }

    private static HashSet<string>?[] Read(QuestionText text)
    {
        var dates = new HashSet<string>?[Groups];
        for (int i = 0; i < text.Tokens.Count; i++)
        {
            QuestionToken token = text.Tokens[i];
            if (token.Kind != TokenKind.Word)
            {
                continue;
            }

            if (Dates.TryGetValue(token.Lower, out (string Date, int Group) date) && !IsOtherWord(text, i))
            {
                (dates[date.Group] ??= new HashSet<string>(StringComparer.Ordinal)).Add(date.Date);
            }
            else if (token.Lower is "may" or "march" && (IsNumber(text, i - 1) || IsNumber(text, i + 1) || (token.IsCapitalised && !token.StartsSentence)))
            {
                // Both are verbs too: a month is capitalised inside a sentence or stands beside a number.
                (dates[0] ??= new HashSet<string>(StringComparer.Ordinal)).Add(token.Lower);
            }
        }

        return dates;
    }

    // "Fall in love", "spring boot", "jan" and "sun" in other languages: a season needs a small word of time before it.
    private static bool IsOtherWord(QuestionText text, int at) => text.Tokens[at].Lower is "fall" or "spring"
        && !(at > 0 && text.Tokens[at - 1].Lower is "in" or "the" or "this" or "next" or "last" or "during" or "every" or "about" or "of");

    private static bool IsNumber(QuestionText text, int at)
        => at >= 0 && at < text.Tokens.Count && text.Tokens[at].Kind == TokenKind.Number;

    private static FrozenDictionary<string, (string, int)> Read(string text)
        => text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany((line, group) => WordTable.Synonyms(line).Select(pair => (pair.Key, (pair.Value, group))))
            .ToFrozenDictionary(row => row.Key, row => row.Item2, StringComparer.Ordinal);
}
