using System.Globalization;
using CacheProxy.Exchange;
using CacheProxy.Ledger;

namespace CacheProxy.Cli.Reports;

/// <summary>Bars by day as SVG: money saved beside money spent, and how requests were answered. The same figures stand in the table of the days.</summary>
internal static class DayChart
{
    private const int Width = 960;
    private const int Height = 180;
    private const int Base = 150;
    private const int Left = 72;
    private const int Top = 10;
    private const int MostLabels = 16;

    private static readonly (CacheOutcome Outcome, string Style)[] Tiers =
    [
        (CacheOutcome.Exact, "exact"), (CacheOutcome.Stale, "stale"), (CacheOutcome.Semantic, "semantic"), (CacheOutcome.Collapsed, "collapsed"),
        (CacheOutcome.Miss, "miss"), (CacheOutcome.Bypass, "bypass"), (CacheOutcome.None, "refused"),
    ];

    public static void WriteMoney(HtmlWriter html, ReportData data)
    {
        long most = Math.Max(1, data.Days.Max(day => Math.Max(day.Totals.Avoided.Nanodollars, day.Totals.Paid.Nanodollars)));
        Begin(html, data, "Money saved and spent by day", Amounts.Of(new Money(most)));
        for (int i = 0; i < data.Days.Count; i++)
        {
            LedgerTotals totals = data.Days[i].Totals;
            (double x, double width) = Place(i, data.Days.Count);
            string day = data.Range.Day(data.Days[i].Start);
            Bar(html, x, width / 2, 0, (double)totals.Avoided.Nanodollars / most, "saved", $"{day}: {Amounts.Of(totals.Avoided)} saved");
            Bar(html, x + (width / 2), width / 2, 0, (double)totals.Paid.Nanodollars / most, "spent", $"{day}: {Amounts.Of(totals.Paid)} spent");
        }

        End(html, data, [("saved", "saved"), ("spent", "spent")]);
    }

    public static void WriteOutcomes(HtmlWriter html, ReportData data)
    {
        long most = Math.Max(1, data.Days.Max(day => day.Totals.Requests));
        Begin(html, data, "Requests by day and how they were answered", Amounts.Count(most));
        for (int i = 0; i < data.Days.Count; i++)
        {
            (double x, double width) = Place(i, data.Days.Count);
            double below = 0;
            foreach ((CacheOutcome outcome, string style) in Tiers)
            {
                long count = data.Days[i].Totals.RequestsOf(outcome);
                Bar(html, x, width, below, (double)count / most, style, $"{data.Range.Day(data.Days[i].Start)}: {Amounts.Count(count)} {style}");
                below += (double)count / most;
            }
        }

        End(html, data, [.. Tiers.Where(tier => data.Totals.RequestsOf(tier.Outcome) > 0).Select(tier => (tier.Style, tier.Style))]);
    }

    private static (double X, double Width) Place(int index, int count)
    {
        double step = (double)(Width - Left) / count;
        return (Left + (index * step) + (step * 0.1), step * 0.8);
    }

    private static void Begin(HtmlWriter html, ReportData data, string title, string most)
    {
        html.Line($"<figure><svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{HtmlWriter.Escape(title)}; the table by day has the figures\">");
        html.Line($"<text x=\"{Left - 8}\" y=\"{Top + 10}\" text-anchor=\"end\">{HtmlWriter.Escape(most)}</text><text x=\"{Left - 8}\" y=\"{Base}\" text-anchor=\"end\">0</text>");
        html.Line($"<path d=\"M{Left} {Base}H{Width}M{Left} {Top}H{Width}\" stroke=\"var(--line)\" fill=\"none\"/>");
        int every = (data.Days.Count + MostLabels - 1) / MostLabels;
        for (int i = 0; i < data.Days.Count; i += every)
        {
            (double x, double width) = Place(i, data.Days.Count);
            html.Line($"<text x=\"{Number(x + (width / 2))}\" y=\"{Height - 10}\" text-anchor=\"middle\">{HtmlWriter.Escape(data.Range.Day(data.Days[i].Start)[9..])}</text>");
        }
    }

    private static void End(HtmlWriter html, ReportData data, (string Style, string Name)[] key)
    {
        html.Raw("</svg><figcaption>").Text($"By day, {data.Range.Zone.Id}").Raw("<span class=\"key\" aria-hidden=\"true\">");
        foreach ((string style, string name) in key)
        {
            html.Raw($"<span style=\"background: var(--{style})\"></span>").Text(name);
        }

        html.Line("</span></figcaption></figure>");
    }

    private static void Bar(HtmlWriter html, double x, double width, double below, double share, string style, string title)
    {
        if (share <= 0)
        {
            return;
        }

        double height = Math.Max(0.5, share * (Base - Top)), y = Base - (below * (Base - Top)) - height;
        html.Line($"<rect x=\"{Number(x)}\" y=\"{Number(y)}\" width=\"{Number(width)}\" height=\"{Number(height)}\" fill=\"var(--{style})\"><title>{HtmlWriter.Escape(title)}</title></rect>");
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
