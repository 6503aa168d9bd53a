using CacheProxy.Ledger;
using CacheProxy.Ledger.Findings;

namespace CacheProxy.Cli.Reports;

/// <summary>The report as one page that needs nothing else: no script, no font, no picture from anywhere.</summary>
internal static class ReportHtml
{
    public static void Write(TextWriter output, ReportData data)
    {
        var html = new HtmlWriter(output);
        string title = $"CacheProxy, {data.Range}";
        html.Line("<!DOCTYPE html>").Line("<html lang=\"en\">").Line("<head>").Line("<meta charset=\"utf-8\">")
            .Line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
            .Line("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">")
            .Element("title", title).Line("<style>").Line(ReportStyle.Css).Line("</style>").Line("</head>").Line("<body>").Line("<main>");
        html.Element("h1", "What the cache saved").Raw("<p class=\"sub\">").Text(data.Range.ToString()).Line("</p>");
        if (data.Totals.Requests + data.Totals.BackgroundCalls == 0)
        {
            html.Element("p", "No requests.");
        }
        else
        {
            WriteTiles(html, data.Totals);
            html.Element("p", $"Saved is what hits and joined requests would have paid; net is saved less the cache's own work. {ReportText.Unpriced(data.Totals)}");
            html.Element("p", ReportTables.SemanticLine(data));
            html.Element("p", ReportTables.PrefixCacheLine(data.Totals));
            WriteAdvice(html, data);
            WriteFigures(html, data);
            WriteFindings(html, data);
        }

        foreach (string gap in data.Gaps)
        {
            html.Element("p", $"Missing here: {gap}");
        }

        html.Line("</main>").Line("</body>").Line("</html>");
    }

    private static void WriteTiles(HtmlWriter html, LedgerTotals totals)
    {
        html.Line("<dl class=\"tiles\">");
        Tile(html, "Saved", ReportTables.Saved(totals), "avoided by hits", Amounts.Exact(totals.Avoided));
        Tile(html, "Spent", ReportTables.Spent(totals), "on upstreams", Amounts.Exact(totals.Paid));
        Tile(html, "Own work", totals.Overhead + totals.BackgroundPaid, "look-ups, refreshes, audits");
        Tile(html, "Net", totals.Net, "saved less own work");
        Tile(html, "Hit rate", ReportTables.HitRate(totals), $"{Amounts.Count(totals.Hits)} hits, {Amounts.Count(totals.Requests)} requests");
        Tile(html, "Waiting saved", Amounts.Seconds(totals.SecondsSaved), $"{Amounts.Count(totals.Saved.Total)} tokens not asked for");
        html.Line("</dl>");
    }

    private static void Tile(HtmlWriter html, string name, Money money, string note) => Tile(html, name, Amounts.Of(money), note, Amounts.Exact(money));

    private static void Tile(HtmlWriter html, string name, string value, string note, string? exact = null)
        => html.Raw("<div><dt>").Text(name).Raw(exact is null ? "</dt><dd>" : $"</dt><dd title=\"{HtmlWriter.Escape(exact)}\">").Text(value).Raw("<small>").Text(note).Line("</small></dd></div>");

    private static void WriteAdvice(HtmlWriter html, ReportData data)
    {
        html.Element("h2", "What to change");
        if (data.Advice.Count == 0)
        {
            html.Element("p", "Nothing that was found.");
            return;
        }

        html.Line("<ol class=\"advice\">");
        foreach (Advice advice in data.Advice)
        {
            html.Raw("<li>").Raw("<strong>").Text(advice.Title).Raw("</strong> ").Text(advice.Because);
            if (ReportText.EffectOf(advice) is { Length: > 0 } effect)
            {
                html.Raw(" <br>Would have saved: ").Text(effect).Raw(".");
            }

            if (advice.Setting is { } setting)
            {
                html.Raw(" <br>Setting: <code>").Text(setting).Raw("</code>");
            }

            html.Line("</li>");
        }

        html.Line("</ol>");
    }

    private static void WriteFigures(HtmlWriter html, ReportData data)
    {
        html.Element("h2", "Money");
        DayChart.WriteMoney(html, data);
        html.Table("By tenant", ["TENANT", .. ReportTables.MoneyHead], ReportTables.Groups(data.Tenants).Select(HtmlWriter.EscapeAll));
        html.Table("By model", ["MODEL", .. ReportTables.MoneyHead], ReportTables.Groups(data.Models).Select(HtmlWriter.EscapeAll));
        html.Table("By day", ReportTables.DayHead, ReportTables.Days(data).Select(HtmlWriter.EscapeAll));
        Optional(html, "The cache's own calls", ReportTables.WorkHead, ReportTables.Work(data));
        html.Element("h2", "Hits");
        DayChart.WriteOutcomes(html, data);
        Optional(html, "How requests were answered", ReportTables.OutcomeHead, ReportTables.Outcomes(data.Totals));
        Optional(html, "Latency", ReportTables.LatencyHead, ReportTables.Latencies(data.Totals));
    }

    private static void WriteFindings(HtmlWriter html, ReportData data)
    {
        if (data.Findings.VolatilePrefixes.Count > 0)
        {
            html.Element("h2", "Prompts whose beginning changes");
            html.Element("p", "What is behind the marked text is the same from prompt to prompt and is computed again each time.");
            html.Table("The most tokens first", ReportTables.PrefixHead, Prefixes(data), 1, 2, 7);
        }

        if (data.Findings.NearMisses.Count > 0)
        {
            html.Element("h2", "Questions that nearly hit");
            html.Table("The nearest and most frequent first", ReportTables.NearMissHead, ReportTables.NearMisses(data).Select(HtmlWriter.EscapeAll), 1, 2, 7);
        }
    }

    // The example is markup already.
    private static IEnumerable<string[]> Prefixes(ReportData data)
        => ReportTables.Prefixes(data, Marked).Select(cells => (string[])[.. HtmlWriter.EscapeAll(cells[..^1]), cells[^1]]);

    private static string Marked(Snippet? example) => example is { } shown
        ? $"<code>{HtmlWriter.Escape(shown.Text[..shown.Start])}<mark>{HtmlWriter.Escape(shown.Text.Substring(shown.Start, shown.Length))}</mark>{HtmlWriter.Escape(shown.Text[(shown.Start + shown.Length)..])}</code>"
        : "(not kept)";

    private static void Optional(HtmlWriter html, string caption, string[] head, IEnumerable<string[]> rows)
    {
        string[][] cells = [.. rows.Select(HtmlWriter.EscapeAll)];
        if (cells.Length > 0)
        {
            html.Table(caption, head, cells);
        }
    }
}
