using System.Text;

namespace CacheProxy.Cli.Reports;

/// <summary>Writes HTML: whatever text goes in comes out as text, never as markup.</summary>
internal sealed class HtmlWriter(TextWriter output)
{
    /// <summary>Markup of our own.</summary>
    public HtmlWriter Raw(string markup)
    {
        output.Write(markup);
        return this;
    }

    public HtmlWriter Line(string markup = "") => Raw(markup).Raw("\n");

    public HtmlWriter Text(string text) => Raw(Escape(text));

    /// <param name="tag">Of our own.</param>
    public HtmlWriter Element(string tag, string text) => Raw($"<{tag}>").Text(text).Line($"</{tag.Split(' ')[0]}>");

    /// <param name="head">The first column names the row; the others are figures unless <paramref name="texts"/> has them.</param>
    /// <param name="cells">Ready markup of each cell.</param>
    /// <param name="texts">Columns that are read as words, beside the first.</param>
    public void Table(string caption, string[] head, IEnumerable<string[]> cells, params int[] texts)
    {
        Line("<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"" + Escape(caption) + "\"><table>").Element("caption", caption).Raw("<thead><tr>");
        for (int i = 0; i < head.Length; i++)
        {
            Raw(i == 0 || texts.Contains(i) ? "<th scope=\"col\" class=\"t\">" : "<th scope=\"col\">").Text(Sentence(head[i])).Raw("</th>");
        }

        Line("</tr></thead><tbody>");
        foreach (string[] row in cells)
        {
            Raw("<tr>");
            for (int i = 0; i < row.Length; i++)
            {
                Raw(i == 0 ? $"<th scope=\"row\" class=\"t\">{row[i]}</th>" : texts.Contains(i) ? $"<td class=\"t\">{row[i]}</td>" : $"<td>{row[i]}</td>");
            }

            Line("</tr>");
        }

        Line("</tbody></table></div>");
    }

    public static string[] EscapeAll(string[] cells) => Array.ConvertAll(cells, Escape);

    /// <summary>For text and for attributes in double quotes. Signs that no page may hold become U+FFFD.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 16);
        foreach (Rune rune in text.EnumerateRunes())
        {
            escaped.Append(rune.Value switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                '\'' => "&#39;",
                // Signs that turn the direction of what follows would reach into our own words.
                < 0x20 and not ('\t' or '\n') or 0x7F or (>= 0x80 and < 0xA0) or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) => "\uFFFD",
                _ => rune.ToString(),
            });
        }

        return escaped.ToString();
    }

    private static string Sentence(string head) => head.Length == 0 ? "" : head[0] + head[1..].ToLowerInvariant();
}
