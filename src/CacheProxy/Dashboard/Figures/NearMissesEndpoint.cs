using CacheProxy.Admin;
using CacheProxy.Admin.Access;
using CacheProxy.Dashboard.Api;
using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Findings;

namespace CacheProxy.Dashboard.Figures;

/// <summary><c>GET /dashboard/api/near-misses</c>: misses that a stored question was near to, the nearest first, each pair of entries once.</summary>
internal sealed class NearMissesEndpoint(FiguresQueryReader queries, LedgerFigures figures, EntryPrompts prompts, KnownPairs pairs, TimeProvider time)
{
    private const int DefaultMisses = 20;
    private const int MostMisses = 100;

    // Rows are read one by one for this, the newest first: some 100 ms, more on a machine that is busy.
    private const int MostRows = 50_000;

    private const int RowsBetweenLooks = 1000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public async Task GetAsync(HttpContext context, AdminPass pass)
    {
        JsonFields fields = JsonFields.From(context.Request.Query);
        FiguresQuery query = queries.Read(fields);
        int limit = fields.Number("limit", 1, MostMisses) ?? DefaultMisses;
        if (fields.Finish() is { } error)
        {
            await DashboardHttp.WriteAsync(context, error);
            return;
        }

        (Found found, string? notice) = await figures.AskAsync(
            (reader, cancellationToken) => NearestAsync(reader, query.Filter, limit, cancellationToken), new Found([], 0, null, false), context.RequestAborted);
        List<LedgerRow> rows = found.Rows;
        IReadOnlyDictionary<string, PromptView> known = await prompts.FindAsync(
            rows.SelectMany(row => new[] { row.EntryId, row.NearEntryId }).OfType<string>(), pass.Role, context.RequestAborted);
        IReadOnlyDictionary<(Fingerprint256 Asked, Fingerprint256 Stored), NearMissPair> noted = rows.Count > 0
            ? await pairs.ReadAsync(query.Filter.From, query.Filter.To, pass.Role, context.RequestAborted)
            : new Dictionary<(Fingerprint256, Fingerprint256), NearMissPair>();
        await DashboardHttp.WriteAsync(
            context,
            new NearMissesView(
                query.ToRange(), [.. rows.Select(row => ToView(row, known, noted))], found.Seen, found.Oldest,
                notice ?? (found.IsCut ? $"Only the last {found.Seen} misses of the range were searched; ask for a shorter one to see earlier ones." : null)),
            DashboardJson.Default.NearMissesView);
    }

    private async Task<Found> NearestAsync(ILedgerReader reader, LedgerFilter filter, int limit, CancellationToken cancellationToken)
    {
        var nearest = new Dictionary<(string?, string?), LedgerRow>();
        int seen = 0;
        DateTimeOffset? oldest = null;
        long start = time.GetTimestamp();
        bool isLate = false;
        LedgerFilter misses = filter with { Outcome = filter.Outcome ?? CacheOutcome.Miss, Work = LedgerWork.Client };
        await foreach (LedgerRow row in reader.RowsAsync(misses, newestFirst: true, MostRows, cancellationToken))
        {
            seen++;
            oldest = row.Time;
            if (row.NearEntryId is not null && !(nearest.TryGetValue((row.EntryId, row.NearEntryId), out LedgerRow known) && known.Similarity >= row.Similarity))
            {
                nearest[(row.EntryId, row.NearEntryId)] = row;
            }

            if (seen % RowsBetweenLooks == 0 && time.GetElapsedTime(start) > Patience)
            {
                isLate = true;
                break;
            }
        }

        return new Found([.. nearest.Values.OrderByDescending(row => row.Similarity).ThenByDescending(row => row.Time).Take(limit)], seen, oldest, isLate || seen == MostRows);
    }

    private static NearMissView ToView(
        LedgerRow row, IReadOnlyDictionary<string, PromptView> known, IReadOnlyDictionary<(Fingerprint256 Asked, Fingerprint256 Stored), NearMissPair> noted)
    {
        PromptView? asked = PromptOf(row.EntryId, known), near = PromptOf(row.NearEntryId, known);
        NearMissPair? pair = asked is not null && near is not null ? noted.GetValueOrDefault((asked.Fingerprint, near.Fingerprint)) : null;
        return new NearMissView(
            row.Time, row.Tenant, row.Model, Math.Round(row.Similarity, 4), row.EntryId, near?.Id ?? row.NearEntryId, asked?.Question ?? pair?.AskedText, near?.Question ?? pair?.StoredText,
            pair?.Guard is { } guard ? $"{pair.Reason} ({guard})" : pair?.Reason, pair?.Probability, pair?.Threshold, row.Paid?.Nanodollars);
    }

    private static PromptView? PromptOf(string? id, IReadOnlyDictionary<string, PromptView> known) => id is null ? null : known.GetValueOrDefault(id);

    /// <param name="Seen">Misses that were read, near to something or not.</param>
    /// <param name="IsCut">The range holds earlier ones that were not read.</param>
    private sealed record Found(List<LedgerRow> Rows, int Seen, DateTimeOffset? Oldest, bool IsCut);
}
