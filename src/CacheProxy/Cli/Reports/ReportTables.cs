using CacheProxy.Cli.Semantic;
using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Findings;

namespace CacheProxy.Cli.Reports;

/// <summary>The tables of a report: the same rows for the terminal and for the page.</summary>
internal static class ReportTables
{
    private const int MostRows = 30;

    public static readonly string[] MoneyHead = ["REQUESTS", "HIT RATE", "SAVED", "SPENT", "OWN WORK", "NET", "TIME SAVED"];
    public static readonly string[] LatencyHead = ["", "FIRST BYTE P50", "P95", "P99", "TOTAL P50", "P95", "P99"];
    public static readonly string[] OutcomeHead = ["ANSWERED", "REQUESTS", "SHARE"];
    public static readonly string[] DayHead = ["DAY", .. MoneyHead];
    public static readonly string[] NearMissHead = ["ASKED", "STORED", "TENANT", "TIMES", "SIMILARITY", "PROBABILITY", "NEEDED", "WHY NOT"];
    public static readonly string[] PrefixHead = ["TENANT", "MODEL", "WHAT CHANGES", "PROMPTS", "TOKENS", "WOULD SAVE", "TIME", "WHERE"];
    public static readonly string[] WorkHead = ["CALLS FOR", "CALLS", "SPENT", "PRICE UNKNOWN", "IN PART"];

    public static string[] Money(LedgerTotals totals) =>
    [
        Amounts.Count(totals.Requests), HitRate(totals), Saved(totals), Spent(totals),
        Amounts.Of(totals.Overhead + totals.BackgroundPaid), Amounts.Of(totals.Net), Amounts.Seconds(totals.SecondsSaved),
    ];

    public static IEnumerable<string[]> Groups(IReadOnlyList<LedgerGroup> groups)
        => groups.Take(MostRows).Select(group => (string[])[group.Key.Length > 0 ? group.Key : "(none)", .. Money(group.Totals)]);

    public static IEnumerable<string[]> Days(ReportData data) => data.Days.Select(day => (string[])[data.Range.Day(day.Start), .. Money(day.Totals)]);

    public static IEnumerable<string[]> Outcomes(LedgerTotals totals)
        => from outcome in Enum.GetValues<CacheOutcome>()
           let count = totals.RequestsOf(outcome)
           where count > 0
           orderby outcome == CacheOutcome.None
           select new[] { NameOf(outcome), Amounts.Count(count), Percent.Of(count, totals.Requests) };

    public static IEnumerable<string[]> Latencies(LedgerTotals totals)
        => from row in new[] { ("hits", totals.HitLatency), ("misses", totals.MissLatency) }
           where row.Item2.Requests > 0
           select new[]
           {
               row.Item1, Quantile(row.Item2.FirstByte, 0.5), Quantile(row.Item2.FirstByte, 0.95), Quantile(row.Item2.FirstByte, 0.99),
               Quantile(row.Item2.Total, 0.5), Quantile(row.Item2.Total, 0.95), Quantile(row.Item2.Total, 0.99),
           };

    public static IEnumerable<string[]> Work(ReportData data)
        => from work in data.Work
           where work.Key != "client"
           select new[]
           {
               work.Key, Amounts.Count(work.Totals.BackgroundCalls), Amounts.Of(work.Totals.BackgroundPaid),
               work.Totals.RequestsOfUnknownPrice == 0 ? "" : Amounts.Count(work.Totals.RequestsOfUnknownPrice),
               work.Totals.RequestsOfPartPrice == 0 ? "" : Amounts.Count(work.Totals.RequestsOfPartPrice),
           };

    public static IEnumerable<string[]> NearMisses(ReportData data)
        => data.Findings.NearMisses.Take(MostRows).Select(pair => new[]
        {
            pair.AskedText ?? "(not kept)", pair.StoredText ?? "(not kept)", pair.Scope.Tenant, Amounts.Count(pair.Count), pair.Similarity.ToString("F4", System.Globalization.CultureInfo.InvariantCulture),
            Percent.Threshold(pair.Probability), Percent.Threshold(pair.Threshold), WhyNot(pair),
        });

    /// <param name="where">How an example is shown.</param>
    public static IEnumerable<string[]> Prefixes(ReportData data, Func<Snippet?, string> where)
        => data.Findings.VolatilePrefixes.Take(MostRows).Select(found => new[]
        {
            found.Scope.Tenant, found.Scope.Model, AdviceRules.Name(found.Class), Amounts.Count(found.Prompts), Amounts.Count(found.Tokens),
            found.Unpriced == found.Prompts ? "-" : Amounts.Of(new Money(found.Nanodollars)), found.Seconds > 0 ? Amounts.Seconds(found.Seconds) : "-", where(found.Example),
        });

    /// <summary>Requests that were answered without an upstream call of their own.</summary>
    public static long Answered(LedgerTotals totals) => totals.Hits + totals.RequestsOf(CacheOutcome.Collapsed);

    /// <summary>Of the requests that were looked up.</summary>
    public static string HitRate(LedgerTotals totals)
        => Percent.Of(totals.Hits, totals.Hits + totals.RequestsOf(CacheOutcome.Collapsed) + totals.RequestsOf(CacheOutcome.Miss));

    /// <summary>One sentence: what rests on semantic hits, and how often they are wrong.</summary>
    /// <summary>What the upstreams' own caches delivered, and how much of that was foreseen.</summary>
    public static string PrefixCacheLine(LedgerTotals totals)
    {
        string share = totals.Spent.Prompt > 0 ? $" ({Percent.Of(totals.Spent.CachedRead, totals.Spent.Prompt)})" : "";
        string predicted = totals.ComparedCalls == 0
            ? "None of the calls could be compared with what was predicted."
            : $"For {Amounts.Count(totals.ComparedCalls)} calls {Amounts.Count(totals.PredictedCachedTokens)} were predicted and {Amounts.Count(totals.DeliveredCachedTokens)} delivered; {Amounts.Count(totals.UncomparedCalls)} could not be compared.";
        return $"Of {Amounts.Count(totals.Spent.Prompt)} prompt tokens that were sent upstream, {Amounts.Count(totals.Spent.CachedRead)}{share} came out of prefix caches there. {predicted}";
    }

    public static string SemanticLine(ReportData data)
    {
        SemanticTruth truth = data.Truth;
        string said = truth.SaidWrong > 0 ? $" {Amounts.Count(truth.SaidWrong)} were said to be wrong." : "";
        string measured = truth.Interval is { } interval
            ? $"{Amounts.Count(truth.Audited)} of them were asked of the upstream again: {Percent.WithInterval(truth.Wrong, truth.Audited)} wrong (95 % interval)."
            : "None of them was asked of the upstream again, so how many were wrong is not known (Semantic:AuditShare).";
        string right = data.Truth.SavingOf(data.Semantic.Avoided) is { OfRightAnswers: { } ofRight, AtLeast: { } atLeast } && truth.Wrong > 0
            ? $" A wrong answer saves nothing: the right ones saved about {Amounts.Of(ofRight)}, at least {Amounts.Of(atLeast)}."
            : "";
        return $"{Amounts.Count(data.Semantic.Requests)} semantic hits saved {Amounts.Of(data.Semantic.Avoided)}. {measured}{right}{said}";
    }

    /// <summary>What is not known is never a zero.</summary>
    public static string Saved(LedgerTotals totals) => Amounts.Of(totals.Avoided, isPartOnly: NotWhole(totals) > 0 && Answered(totals) > 0);

    /// <summary>What is not known is never a zero.</summary>
    public static string Spent(LedgerTotals totals)
        => Amounts.Of(totals.Paid, isPartOnly: NotWhole(totals) > 0 && totals.Requests + totals.BackgroundCalls > Answered(totals));

    private static long NotWhole(LedgerTotals totals) => totals.RequestsOfUnknownPrice + totals.RequestsOfPartPrice;

    private static string WhyNot(NearMissPair pair) => pair.Guard is null ? pair.Reason.Replace('_', ' ') : $"guard {pair.Guard}";

    private static string Quantile(LatencySketch sketch, double share) => Amounts.Seconds(sketch.Quantile(share));

    private static string NameOf(CacheOutcome outcome) => outcome == CacheOutcome.None ? "refused" : outcome.ToTag();
}
