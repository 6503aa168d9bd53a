using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Findings;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Cli.Reports;

/// <summary>Puts a report together from the ledger and what lies beside it in the data folder.</summary>
internal static class ReportReader
{
    private const int MostGroups = 10_000;

    /// <param name="tenants">The ids that a tenant's scopes begin with, where it is one tenant's report; null of it: they cannot be told from others'.</param>
    public static async Task<ReportData> ReadAsync(
        ILedgerReader ledger, string dataFolder, ReportRange range, Func<string, IReadOnlyList<string>?> tenants, CancellationToken cancellationToken)
    {
        var filter = new LedgerFilter(range.From, range.To) { Tenant = range.Tenant };
        var gaps = new List<string>();
        FindingsReport findings = Try(gaps, Path.Combine(dataFolder, FindingsFile.FileName), path => new FindingsReader(path).Read(
            new FindingsFilter(DateOnly.FromDateTime(range.From.UtcDateTime), DateOnly.FromDateTime(range.To.UtcDateTime.AddTicks(-1)), range.Tenant))) ?? FindingsReport.Empty;
        IReadOnlyList<string>? scopes = range.Tenant is null ? null : tenants(range.Tenant);
        if (range.Tenant is not null && scopes is null)
        {
            gaps.Add($"how often semantic hits of {range.Tenant} alone were wrong: its answers are shared with others (Tenants:Scope). What is said of that is of all tenants.");
        }

        var data = new ReportData
        {
            Range = range,
            Totals = await ledger.TotalsAsync(filter, cancellationToken),
            Days = await ledger.SeriesAsync(filter, TimeSpan.FromDays(1), null, range.Zone, cancellationToken),
            Tenants = await ledger.GroupsAsync(filter, LedgerDimension.Tenant, LedgerOrder.Net, MostGroups, cancellationToken),
            Models = await ledger.GroupsAsync(filter, LedgerDimension.Model, LedgerOrder.Net, MostGroups, cancellationToken),
            Upstreams = await ledger.GroupsAsync(filter, LedgerDimension.Upstream, LedgerOrder.Paid, MostGroups, cancellationToken),
            Routes = await ledger.GroupsAsync(filter, LedgerDimension.Route, LedgerOrder.Requests, MostGroups, cancellationToken),
            Work = await ledger.GroupsAsync(filter, LedgerDimension.Work, LedgerOrder.Paid, MostGroups, cancellationToken),
            Semantic = await ledger.TotalsAsync(filter with { Outcome = CacheOutcome.Semantic }, cancellationToken),
            Truth = Try(gaps, Path.Combine(dataFolder, SemanticCache.Truth.ObservationLog.FileName), _ => SemanticTruth.Read(dataFolder, range, scopes)),
            Findings = findings,
            Advice = [],
            Gaps = gaps,
        };
        return data with { Advice = AdviceRules.Of(data) };
    }

    // The money is in the ledger; a report without what lies beside it is better than none.
    private static T? Try<T>(List<string> gaps, string path, Func<string, T> read)
    {
        try
        {
            return read(path);
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            gaps.Add($"{path} cannot be read: {exception.Message}");
            return default;
        }
    }
}
