using System.Text.Json;
using CacheProxy.Exchange;
using CacheProxy.Ledger;

namespace CacheProxy.Tests.Ledger.Agreement;

/// <summary>What every surface must say of the same range in the same way. Money is nanodollars.</summary>
internal readonly record struct FigureSums(
    long Requests, long Exact, long Stale, long Semantic, long Collapsed, long Miss, long Bypass, long Refused, long BackgroundCalls, long Unpriced, long Part,
    decimal Paid, decimal BackgroundPaid, decimal Saved, decimal Overhead)
{
    public static FigureSums Of(in SyntheticRequest request)
    {
        LedgerRow row = request.Row;
        bool isClients = row.Work == LedgerWork.Client;
        long Is(CacheOutcome outcome) => isClients && row.Outcome == outcome ? 1 : 0;
        return new FigureSums(
            isClients ? 1 : 0, Is(CacheOutcome.Exact), Is(CacheOutcome.Stale), Is(CacheOutcome.Semantic), Is(CacheOutcome.Collapsed), Is(CacheOutcome.Miss), Is(CacheOutcome.Bypass),
            Is(CacheOutcome.None), isClients ? 0 : 1, request.Paid is null || request.Avoided is null ? 1 : 0, request.IsPart ? 1 : 0,
            request.Paid ?? 0, isClients ? 0 : request.Paid ?? 0, request.Avoided ?? 0, row.Overhead.Nanodollars);
    }

    public static FigureSums Of(LedgerTotals totals) => new(
        totals.Requests, totals.RequestsOf(CacheOutcome.Exact), totals.RequestsOf(CacheOutcome.Stale), totals.RequestsOf(CacheOutcome.Semantic),
        totals.RequestsOf(CacheOutcome.Collapsed), totals.RequestsOf(CacheOutcome.Miss), totals.RequestsOf(CacheOutcome.Bypass), totals.RequestsOf(CacheOutcome.None),
        totals.BackgroundCalls, totals.RequestsOfUnknownPrice, totals.RequestsOfPartPrice, totals.Paid.Nanodollars, totals.BackgroundPaid.Nanodollars, totals.Avoided.Nanodollars, totals.Overhead.Nanodollars);

    /// <param name="figures">As the dashboard has them.</param>
    public static FigureSums OfDashboard(JsonElement figures) => Of(figures, "other", "unknown_price_requests", "part_price_requests");

    /// <param name="figures">As <c>report --json</c> has them.</param>
    public static FigureSums OfReport(JsonElement figures) => Of(figures, "none", "requests_of_unknown_price", "requests_of_part_price");

    public static FigureSums operator +(in FigureSums left, in FigureSums right) => new(
        left.Requests + right.Requests, left.Exact + right.Exact, left.Stale + right.Stale, left.Semantic + right.Semantic, left.Collapsed + right.Collapsed,
        left.Miss + right.Miss, left.Bypass + right.Bypass, left.Refused + right.Refused, left.BackgroundCalls + right.BackgroundCalls, left.Unpriced + right.Unpriced, left.Part + right.Part,
        left.Paid + right.Paid, left.BackgroundPaid + right.BackgroundPaid, left.Saved + right.Saved, left.Overhead + right.Overhead);

    private static FigureSums Of(JsonElement figures, string refused, string unpriced, string part)
    {
        long Number(string name) => figures.GetProperty(name).GetInt64();
        return new FigureSums(
            Number("requests"), Number("exact"), Number("stale"), Number("semantic"), Number("collapsed"), Number("miss"), Number("bypass"), Number(refused),
            Number("background_calls"), Number(unpriced), Number(part), Number("paid_nanodollars"), Number("background_paid_nanodollars"), Number("saved_nanodollars"), Number("overhead_nanodollars"));
    }
}
