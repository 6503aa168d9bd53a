using CacheProxy.Admin;
using CacheProxy.Admin.Access;
using CacheProxy.Dashboard.Api;
using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Prices;
using CacheProxy.SemanticCache.Truth;
using CacheProxy.Tenancy;

namespace CacheProxy.Dashboard.Figures;

/// <summary><c>GET /dashboard/api/summary</c>: the sums of a range.</summary>
internal sealed class SummaryEndpoint(FiguresQueryReader queries, LedgerFigures figures, ILedger ledger, ErrorWatch watch, TenantNames names)
{
    public async Task GetAsync(HttpContext context, AdminPass pass)
    {
        JsonFields fields = JsonFields.From(context.Request.Query);
        FiguresQuery query = queries.Read(fields);
        if (fields.Finish() is { } error)
        {
            await DashboardHttp.WriteAsync(context, error);
            return;
        }

        (Sums sums, string? notice) = await figures.AskAsync(
            (reader, cancellationToken) => AskAsync(reader, query.Filter, cancellationToken), Sums.None, context.RequestAborted);
        await DashboardHttp.WriteAsync(
            context,
            new SummaryView(
                query.ToRange(), FiguresView.From(sums.All), [.. sums.Work.Select(ToView)], ToView(sums.Semantic, query.Filter), LatencyView.From(sums.All), ledger.Merged, ledger.Lost, notice),
            DashboardJson.Default.SummaryView);
    }

    private static async Task<Sums> AskAsync(ILedgerReader reader, LedgerFilter filter, CancellationToken cancellationToken)
    {
        LedgerTotals all = await reader.TotalsAsync(filter, cancellationToken);
        LedgerTotals semantic = filter.Outcome is null or CacheOutcome.Semantic
            ? await reader.TotalsAsync(filter with { Outcome = CacheOutcome.Semantic, Work = LedgerWork.Client }, cancellationToken)
            : new LedgerTotals();
        IReadOnlyList<LedgerGroup> work = await reader.GroupsAsync(filter, LedgerDimension.Work, LedgerOrder.Paid, cancellationToken: cancellationToken);
        return new Sums(all, semantic, [.. work.Where(group => group.Key != LedgerWork.Client.ToTag())]);
    }

    private static WorkView ToView(LedgerGroup group)
        => new(group.Key, group.Totals.BackgroundCalls, group.Totals.Paid.Nanodollars, group.Totals.RequestsOfUnknownPrice, group.Totals.RequestsOfPartPrice);

    // What the audits know is not of the range but of the scopes as they are remembered: older audits count less. A policy that is only tried beside the
    // serving one has scopes too, which serve nothing: its audits are the same ones again.
    private SemanticShareView ToView(LedgerTotals semantic, LedgerFilter filter)
    {
        ScopeError[] scopes =
        [
            .. watch.Scopes.Where(scope => scope.Served > 0 && (filter.Model is null || scope.Key.Model == filter.Model)
                && (filter.Tenant is null || names.NameOfScope(scope.Key.Tenant) == filter.Tenant)),
        ];
        long wrong = scopes.Sum(scope => scope.Wrong), audited = wrong + scopes.Sum(scope => scope.Right);
        WilsonInterval? interval = audited == 0 ? null : WilsonInterval.Of(wrong, audited);
        double? share = FiguresView.Share(wrong, audited);
        var saving = new SemanticSaving(semantic.Avoided, share, interval?.Upper);
        return new SemanticShareView(
            semantic.RequestsOf(CacheOutcome.Semantic), semantic.Avoided.Nanodollars, saving.OfRightAnswers?.Nanodollars, saving.AtLeast?.Nanodollars, audited, wrong, scopes.Sum(scope => scope.SaidWrong),
            share, interval?.Lower, interval?.Upper);
    }

    private sealed record Sums(LedgerTotals All, LedgerTotals Semantic, IReadOnlyList<LedgerGroup> Work)
    {
        public static Sums None { get; } = new(new LedgerTotals(), new LedgerTotals(), []);
    }
}
