using CacheProxy.Admin;
using CacheProxy.Admin.Access;
using CacheProxy.Dashboard.Api;
using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Dashboard.Figures;

/// <summary><c>GET /dashboard/api/groups</c>: the top tenants, users, models, upstreams, prompts, prefixes.</summary>
internal sealed class GroupsEndpoint(FiguresQueryReader queries, LedgerFigures figures, EntryPrompts prompts)
{
    private const int DefaultGroups = 20;
    private const int MostGroups = 100;

    // An audit's answer is an entry too, and a refresh has a prefix: until a client asks for it, it is no prompt. The work that made it is the summary's.
    private static readonly LedgerDimension[] OfClientsAlone = [LedgerDimension.Entry, LedgerDimension.Prefix, LedgerDimension.User];

    private static readonly Dictionary<string, LedgerOrder> Orders = new(StringComparer.Ordinal)
    {
        ["saved"] = LedgerOrder.Avoided,
        ["paid"] = LedgerOrder.Paid,
        ["requests"] = LedgerOrder.Requests,
        ["seconds_saved"] = LedgerOrder.SecondsSaved,
        ["net"] = LedgerOrder.Net,
        ["saved_tokens"] = LedgerOrder.SavedTokens,
    };

    public async Task GetAsync(HttpContext context, AdminPass pass)
    {
        JsonFields fields = JsonFields.From(context.Request.Query);
        FiguresQuery query = queries.Read(fields);
        LedgerDimension? given = FiguresQueryReader.ReadName<LedgerDimension>(fields, "by");
        string order = fields.Text("order") ?? "saved";
        int limit = fields.Number("limit", 1, MostGroups) ?? DefaultGroups;
        if (!Orders.ContainsKey(order))
        {
            fields.Fail(RequestError.InvalidValue("order", $"use one of {string.Join(", ", Orders.Keys)}."));
        }

        if ((fields.Finish() ?? (given is null ? RequestError.Missing("by") : null)) is { } error)
        {
            await DashboardHttp.WriteAsync(context, error);
            return;
        }

        LedgerDimension by = given!.Value;
        (IReadOnlyList<LedgerGroup> all, string? notice) = await figures.AskAsync(
            (reader, cancellationToken) => AskAsync(reader, query.Filter, by, Orders[order], limit, cancellationToken), [], context.RequestAborted);
        LedgerGroup[] groups = [.. all.Where(group => IsAsked(group, by)).Take(limit)];
        IReadOnlyDictionary<string, PromptView> known = by == LedgerDimension.Entry
            ? await prompts.FindAsync(groups.Select(group => group.Key), pass.Role, context.RequestAborted)
            : new Dictionary<string, PromptView>();
        RangeView range = all is LedgerGroups counted ? query.ToRange() with { From = counted.From, To = counted.To } : query.ToRange();
        await DashboardHttp.WriteAsync(
            context,
            new GroupsView(
                range, by.ToTag(), order, [.. groups.Select(group => new GroupView(group.Key, FiguresView.From(group.Totals), known.GetValueOrDefault(group.Key)))], notice),
            DashboardJson.Default.GroupsView);
    }

    // Rarely does one that is left out take the place of another: then some more are asked for.
    private static async Task<IReadOnlyList<LedgerGroup>> AskAsync(
        ILedgerReader reader, LedgerFilter filter, LedgerDimension by, LedgerOrder order, int limit, CancellationToken cancellationToken)
    {
        IReadOnlyList<LedgerGroup> groups = await reader.GroupsAsync(filter, by, order, limit, cancellationToken);
        return groups.Count < limit || groups.All(group => IsAsked(group, by)) ? groups
            : await reader.GroupsAsync(filter, by, order, limit + MostGroups, cancellationToken);
    }

    private static bool IsAsked(LedgerGroup group, LedgerDimension by) => group.Totals.Requests > 0 || !OfClientsAlone.Contains(by);
}
