using System.Text.RegularExpressions;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>What one side quotes must stand in the other, quoted or not, with the same words in the same order; case and inner punctuation do not count.</summary>
public sealed partial class QuotedTextGuard : ISemanticGuard
{
    public string Name => "quoted-text";

    public bool Vetoes(TextPair pair) => Missing(pair.Left, pair.Right) || Missing(pair.Right, pair.Left);

    // A single quote opens only after white space or an opening bracket: elsewhere it is an apostrophe. Doubled quotes come from data in CSV.
    [GeneratedRegex("""
        "+(?<q>[^"\n]+)" | “(?<q>[^”\n]+)” | „(?<q>[^“”\n]+)[“”] | «(?<q>[^»\n]+)» | `(?<q>[^`\n]+)` | (?<![\p{L}\d])['‘](?<q>[^'’\n]+)['’](?![\p{L}\d])
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex Quoted();

    private static bool Missing(QuestionText quoting, QuestionText other)
    {
        if (quoting.Original.AsSpan().IndexOfAny(s_quoteMarks) < 0)
        {
            return false;
        }

        foreach (Match match in Quoted().Matches(quoting.Original))
        {
            IReadOnlyList<QuestionToken> quoted = QuestionTokenizer.Tokenize(match.Groups["q"].Value);
            if (quoted.Count > 0 && !ContainsRow(other.Tokens, quoted))
            {
                return true;
            }
        }

        return false;
    }

    private static readonly System.Buffers.SearchValues<char> s_quoteMarks = System.Buffers.SearchValues.Create("\"“„«`'‘");

    private static bool ContainsRow(IReadOnlyList<QuestionToken> tokens, IReadOnlyList<QuestionToken> row)
    {
        for (int at = 0; at + row.Count <= tokens.Count; at++)
        {
            int same = 0;
            while (same < row.Count && (tokens[at + same].Lower == row[same].Lower || (row.Count > 1 && WordMatch.IsNear(tokens[at + same].Lower, row[same].Lower))))
            {
                same++;
            }

            if (same == row.Count)
            {
                return true;
            }
        }

        return false;
    }
}
