using System.Text.RegularExpressions;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>What one side quotes must stand in the other, quoted or not, letter for letter but for case.</summary>
public sealed partial class QuotedTextGuard : ISemanticGuard
{
    public string Name => "quoted-text";

    public bool Vetoes(QuestionText cached, QuestionText asked) => Missing(cached, asked) || Missing(asked, cached);

    // A single quote opens only after white space or an opening bracket: elsewhere it is an apostrophe.
    [GeneratedRegex("""
        "(?<q>[^"\n]+)" | “(?<q>[^”\n]+)” | „(?<q>[^“”\n]+)[“”] | «(?<q>[^»\n]+)» | `(?<q>[^`\n]+)` | (?<![\p{L}\d])['‘](?<q>[^'’\n]+)['’](?![\p{L}\d])
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex Quoted();

    private static bool Missing(QuestionText quoting, QuestionText other)
    {
        foreach (Match match in Quoted().Matches(quoting.Original))
        {
            string quoted = match.Groups["q"].Value.Trim().TrimEnd('.', ',', '?', '!');
            if (quoted.Length > 0 && !ContainsWhole(other.Original, quoted))
            {
                return true;
            }
        }

        return false;
    }

    private static bool ContainsWhole(string text, string part)
    {
        for (int at = text.IndexOf(part, StringComparison.OrdinalIgnoreCase); at >= 0;
            at = at + 1 < text.Length ? text.IndexOf(part, at + 1, StringComparison.OrdinalIgnoreCase) : -1)
        {
            int end = at + part.Length;
            if ((at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (end == text.Length || !char.IsLetterOrDigit(text[end])))
            {
                return true;
            }
        }

        return false;
    }
}
