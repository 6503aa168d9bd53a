using CacheProxy.Ledger;
using CacheProxy.Ledger.Findings;

namespace CacheProxy.Cli.Reports;

/// <summary>The report for the terminal.</summary>
internal static class ReportText
{
    public static void Write(TextWriter output, ReportData data)
    {
        LedgerTotals totals = data.Totals;
        output.WriteLine($"CacheProxy, {data.Range}");
        output.WriteLine();
        if (totals.Requests + totals.BackgroundCalls == 0)
        {
            output.WriteLine("No requests.");
            WriteGaps(output, data);
            return;
        }

        Table.Write(output, ReportTables.MoneyHead, [ReportTables.Money(totals)]);
        output.WriteLine();
        output.WriteLine($"Saved is what hits and joined requests would have paid; net is saved less the cache's own work. {Unpriced(totals)}");
        output.WriteLine(ReportTables.SemanticLine(data));
        output.WriteLine(ReportTables.PrefixCacheLine(data.Totals));
        WriteAdvice(output, data);
        Section(output, "How requests were answered", ReportTables.OutcomeHead, ReportTables.Outcomes(totals));
        Section(output, "Latency", ReportTables.LatencyHead, ReportTables.Latencies(totals));
        Section(output, "By day", ReportTables.DayHead, ReportTables.Days(data));
        Section(output, "By tenant", ["TENANT", .. ReportTables.MoneyHead], ReportTables.Groups(data.Tenants));
        Section(output, "By model", ["MODEL", .. ReportTables.MoneyHead], ReportTables.Groups(data.Models));
        Section(output, "The cache's own calls", ReportTables.WorkHead, ReportTables.Work(data));
        Section(output, "Prompts whose beginning changes", ReportTables.PrefixHead, ReportTables.Prefixes(data, Marked));
        Section(output, "Questions that nearly hit", ReportTables.NearMissHead, ReportTables.NearMisses(data));
        WriteGaps(output, data);
    }

    internal static string Unpriced(LedgerTotals totals)
    {
        string unknown = totals.RequestsOfUnknownPrice == 0 ? "" : $"Of unknown price, and in no sum of money: {Amounts.Requests(totals.RequestsOfUnknownPrice)}.";
        string part = totals.RequestsOfPartPrice == 0 ? "" : $"In the sums with their tokens alone, for nobody knows what their searches, audio or images cost: {Amounts.Requests(totals.RequestsOfPartPrice)}.";
        return unknown.Length + part.Length == 0 ? "Every price is known." : $"{unknown} {part}".Trim();
    }

    private static void WriteAdvice(TextWriter output, ReportData data)
    {
        output.WriteLine();
        output.WriteLine("What to change");
        output.WriteLine();
        if (data.Advice.Count == 0)
        {
            output.WriteLine("Nothing that was found.");
        }

        int number = 1;
        foreach (Advice advice in data.Advice)
        {
            output.WriteLine($"{number++}. {advice.Title}");
            output.WriteLine($"   {advice.Because}");
            if (EffectOf(advice) is { Length: > 0 } effect)
            {
                output.WriteLine($"   Would have saved: {effect}.");
            }

            if (advice.Setting is { } setting)
            {
                output.WriteLine($"   Setting: {setting}");
            }
        }
    }

    /// <summary>Empty: not known.</summary>
    internal static string EffectOf(Advice advice) => string.Join(", ", new[]
    {
        advice.Effect is { } money ? Amounts.Of(money) : null,
        advice.Tokens > 0 ? $"{Amounts.Count(advice.Tokens)} prompt tokens" : null,
        advice.Seconds > 0 ? Amounts.Seconds(advice.Seconds) : null,
    }.OfType<string>());

    private static void Section(TextWriter output, string title, string[] head, IEnumerable<string[]> rows)
    {
        string[][] lines = [.. rows];
        if (lines.Length > 0)
        {
            output.WriteLine();
            output.WriteLine(title);
            output.WriteLine();
            Table.Write(output, head, lines);
        }
    }

    private static void WriteGaps(TextWriter output, ReportData data)
    {
        foreach (string gap in data.Gaps)
        {
            output.WriteLine();
            output.WriteLine($"Missing here: {gap}");
        }
    }

    private static string Marked(Snippet? example)
        => example is { } shown ? $"{shown.Text[..shown.Start]}[{shown.Text.Substring(shown.Start, shown.Length)}]{shown.Text[(shown.Start + shown.Length)..]}" : "(not kept)";
}
