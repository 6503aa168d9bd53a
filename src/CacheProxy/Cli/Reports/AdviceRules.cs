using CacheProxy.Cli.Semantic;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Findings;

namespace CacheProxy.Cli.Reports;

/// <summary>From what was found to what to change, with what it would have brought in the range; the most money first, then the most time.</summary>
internal static class AdviceRules
{
    // Less is chance, or not worth a change.
    private const int FewestPrompts = 5;
    private const int FewestExpired = 3;
    private const int FewestRequests = 20;
    private const double UnchangedShare = 0.9;
    private const double NearlyEnough = 0.9;

    public static IReadOnlyList<Advice> Of(ReportData data) =>
    [
        .. VolatilePrefixes(data).Concat(ShortTtls(data)).Concat(NeverHits(data)).Concat(NearlyHits(data)).Concat(UnknownPrices(data)).Concat(TooDear(data))
            .OrderByDescending(advice => advice.Effect ?? Money.Zero).ThenByDescending(advice => advice.Seconds).ThenByDescending(advice => advice.Tokens)
            .ThenByDescending(advice => advice.Requests).ThenBy(advice => advice.Title, StringComparer.Ordinal),
    ];

    private static IEnumerable<Advice> VolatilePrefixes(ReportData data)
        => from found in data.Findings.VolatilePrefixes
           where found.Prompts >= FewestPrompts && found.Tokens > 0
           select new Advice(
               "volatile_prefix",
               $"Put the {Name(found.Class)} behind what stays the same in prompts of {Whose(found.Scope)}.",
               $"{Amounts.Count(found.Prompts)} prompts went on alike after {(found.Class == VolatileClass.Identifier ? "an" : "a")} {Name(found.Class)} that changed: {Amounts.Count(found.Tokens)} prompt tokens were computed again that a prefix cache would have had.",
               null,
               found.Unpriced == found.Prompts ? null : new Money(found.Nanodollars), found.Prompts, found.Tokens, found.Seconds);

    private static IEnumerable<Advice> ShortTtls(ReportData data)
    {
        foreach (var group in data.Findings.Expired.GroupBy(found => (found.Scope.Model, found.Scope.Route, found.TtlSeconds)))
        {
            // Up to which age answers stay as they were, among those that were asked for again.
            ExpiredAnswers[] ages = [.. group.OrderBy(found => found.AgeSeconds)];
            (long same, long different, long advised) = (0, 0, 0);
            foreach (var age in ages.GroupBy(found => found.AgeSeconds))
            {
                same += age.Sum(found => found.Same);
                different += age.Sum(found => found.Different);
                advised = same >= UnchangedShare * (same + different) ? age.Key : advised;
            }

            ExpiredAnswers[] spared = [.. ages.Where(found => found.AgeSeconds <= advised)];
            long hits = spared.Sum(found => found.Same);
            if (hits < FewestExpired)
            {
                continue;
            }

            bool isRouted = group.Key.Route.Length > 0;
            yield return new Advice(
                "ttl",
                $"Raise the TTL of {group.Key.Model}{(isRouted ? $" on route {group.Key.Route}" : "")} from {Amounts.Count(group.Key.TtlSeconds)} to {Amounts.Count(advised)} seconds.",
                $"{Amounts.Count(hits)} answers were asked for again within {Amounts.Count(advised)} seconds and were the same; {Amounts.Count(spared.Sum(found => found.Different))} had changed.",
                $$"""Exact:Rules: { "Model": "{{group.Key.Model}}", "TtlSeconds": {{advised}} }""",
                spared.Sum(found => found.Unpriced) == hits ? null : new Money(spared.Sum(found => found.Nanodollars)), hits, 0, spared.Sum(found => found.Seconds));
        }
    }

    // A route's only model and that model's only tenant are the same requests: said once.
    private static IEnumerable<Advice> NeverHits(ReportData data)
        => from idle in Idle(data, "route", data.Routes, scope => scope.Route)
               .Concat(Idle(data, "model", data.Models, scope => scope.Model)).Concat(Idle(data, "tenant", data.Tenants, scope => scope.Tenant))
           group idle.Who by (idle.Requests, idle.Paid, idle.Reasons, idle.Kind, idle.Reason) into same
           let remedy = same.Key.Kind.Length == 0 ? ("Why is not known: nothing was found of it.", null) : MissRemedies.Of(same.Key.Kind, same.Key.Reason)
           select new Advice(
               "never_hits",
               $"Never a hit: {string.Join(", ", same)}. {remedy.Item1}",
               $"{Amounts.Count(same.Key.Requests)} requests, none answered from the cache, {same.Key.Paid} paid{same.Key.Reasons}.",
               remedy.Item2, null, same.Key.Requests);

    private static IEnumerable<(string Who, long Requests, string Paid, string Reasons, string Kind, string Reason)> Idle(
        ReportData data, string what, IReadOnlyList<LedgerGroup> groups, Func<FindingScope, string> of)
    {
        foreach (LedgerGroup group in groups.Where(group => group.Key.Length > 0 && group.Totals.Requests >= FewestRequests && ReportTables.Answered(group.Totals) == 0))
        {
            (string Kind, string Reason, long Count)[] reasons = [.. data.Findings.Misses.Where(miss => of(miss.Scope) == group.Key).GroupBy(miss => (miss.Kind, miss.Reason))
                .Select(reason => (reason.Key.Kind, reason.Key.Reason, Count: reason.Sum(miss => miss.Count))).OrderByDescending(reason => reason.Count)];
            string shown = string.Join(", ", reasons.Take(4).Select(reason => $"{MissRemedies.Name(reason.Kind, reason.Reason)} {Amounts.Count(reason.Count)}"));
            (string kind, string why, _) = reasons.Length == 0 ? ("", "", 0) : reasons[0];
            yield return ($"{what} {group.Key}", group.Totals.Requests, ReportTables.Spent(group.Totals), shown.Length == 0 ? "" : $": {shown}", kind, why);
        }
    }

    private static IEnumerable<Advice> NearlyHits(ReportData data)
    {
        NearMissPair[] near = [.. data.Findings.NearMisses.Where(pair => pair.Guard is null && pair.Probability < pair.Threshold && pair.Nearness >= NearlyEnough)];
        long count = near.Sum(pair => pair.Count);
        if (count >= FewestPrompts)
        {
            yield return new Advice(
                "threshold",
                "See whether a lower semantic threshold is safe: cacheproxy tune --from shadow.",
                $"{Amounts.Count(count)} questions came within {Percent.Of(1 - NearlyEnough)} of the probability that is needed. Whether their answers would have been right only evidence says.",
                "Semantic:Threshold", null, count);
        }
    }

    private static IEnumerable<Advice> UnknownPrices(ReportData data)
        => from model in data.Unpriced
           select new Advice(
               "price",
               $"Say what {(model.Key.Length > 0 ? model.Key : "a request without a model")} costs.",
               $"{Amounts.Count(model.Totals.RequestsOfUnknownPrice)} requests have no price and are in no sum of money.",
               "Ledger:Prices, or Ledger:MachinePricePerHour for a bundled model", null, model.Totals.RequestsOfUnknownPrice);

    private static IEnumerable<Advice> TooDear(ReportData data)
    {
        LedgerTotals totals = data.Totals;
        if (totals.Net < Money.Zero)
        {
            yield return new Advice(
                "overhead",
                "The cache cost more than it saved.",
                $"It saved {Amounts.Of(totals.Avoided)} and spent {Amounts.Of(totals.Overhead)} on look-ups and {Amounts.Of(totals.BackgroundPaid)} on {Amounts.Count(totals.BackgroundCalls)} calls of its own.",
                "Semantic:AuditShare, Semantic:Rules, Exact:RefreshAheadHits", -totals.Net, totals.BackgroundCalls);
        }
    }

    internal static string Name(VolatileClass kind) => kind switch
    {
        VolatileClass.DateTime => "date or time",
        VolatileClass.Identifier => "id",
        VolatileClass.Number => "number",
        _ => "text",
    };

    private static string Whose(FindingScope scope) => $"{scope.Tenant}, model {scope.Model}{(scope.Route.Length > 0 ? $", route {scope.Route}" : "")}";
}
