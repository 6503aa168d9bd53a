using CacheProxy.Admin;
using CacheProxy.Admin.Access;
using CacheProxy.Dashboard.Api;
using CacheProxy.Dashboard.Figures;
using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.SemanticCache;
using CacheProxy.Tenancy;

namespace CacheProxy.Dashboard;

/// <summary><c>GET /dashboard/api/entries</c>: entries as administration lists them, with what they answer and how often they were asked for.</summary>
internal sealed class EntryListEndpoint(EntryEndpoints entries, SemanticStage stage, TenantNames names, LedgerFigures figures, TimeProvider time)
{
    private const int MostAsked = 1000;

    private static readonly TimeSpan Counted = TimeSpan.FromDays(30);

    public async Task GetAsync(HttpContext context, AdminPass pass)
    {
        if (await entries.ReadPageAsync(context) is not { } page)
        {
            return;
        }

        DateTimeOffset now = time.GetUtcNow();
        var filter = new LedgerFilter(now - Counted, now.AddSeconds(1)) { Work = LedgerWork.Client };
        (IReadOnlyList<LedgerGroup> asked, _) = page.Entries.Count == 0 ? ([], null) : await figures.AskAsync(
            (reader, cancellationToken) => reader.GroupsAsync(filter, LedgerDimension.Entry, LedgerOrder.Requests, MostAsked, cancellationToken), [], context.RequestAborted);
        HashSet<string> shown = [.. page.Entries.Select(entry => entry.Id)];
        await DashboardHttp.WriteAsync(
            context,
            new EntryListView(
                page.Tier, [.. page.Entries.Select(entry => entry.Named(names))],
                asked.Where(group => shown.Contains(group.Key)).ToDictionary(group => group.Key, group => group.Totals.Hits),
                pass.Role == AdminRole.Admin ? await QuestionsAsync(page, context.RequestAborted) : new Dictionary<string, string>(), page.Next),
            DashboardJson.Default.EntryListView);
    }

    private async Task<IReadOnlyDictionary<string, string>> QuestionsAsync(EntriesReply page, CancellationToken cancellationToken)
    {
        Dictionary<Fingerprint256, string> ids = [];
        foreach (EntryView entry in page.Entries)
        {
            if (Fingerprint256.TryParse(entry.Fingerprint, out Fingerprint256 fingerprint))
            {
                ids[fingerprint] = entry.Id;
            }
        }

        IReadOnlyDictionary<Fingerprint256, string> questions = await stage.FindQuestionsAsync(ids.Keys, cancellationToken);
        return questions.ToDictionary(found => ids[found.Key], found => Shortened(found.Value));
    }

    private static string Shortened(string question) => question.Length <= EntryListView.LongestQuestion ? question : question[..EntryListView.LongestQuestion] + "…";
}
