using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Admin;

/// <summary><c>GET /admin/entries</c>, <c>GET</c> and <c>DELETE /admin/entries/{id}</c>: what is known of entries, without what is in them.</summary>
internal sealed class EntryEndpoints(SelectorReader selectors, EntryBook book, PurgeActions actions, TimeProvider time)
{
    private const int DefaultPage = 100;
    private const int LargestPage = 1000;

    public async Task ListAsync(HttpContext context, string who)
    {
        if (await ReadPageAsync(context) is { } page)
        {
            await AdminHttp.WriteAsync(context, page, AdminJson.Default.EntriesReply);
        }
    }

    /// <summary>The page that the query asks for; null: the error is answered.</summary>
    public async Task<EntriesReply?> ReadPageAsync(HttpContext context)
    {
        JsonFields fields = JsonFields.From(context.Request.Query);
        int limit = fields.Number("limit", 1, LargestPage) ?? DefaultPage;
        Fingerprint256? after = Fingerprint256.TryParse(fields.Hex("after", 64), out Fingerprint256 last) ? last : null;
        EntrySelector selector = WithAges(fields, selectors.Read(fields, takesSecrets: false));
        if (fields.Finish() is { } error)
        {
            await ErrorReply.WriteAsync(context, error);
            return null;
        }

        (IEntryStore store, List<CacheEntry> page) = await book.ReadPageAsync(selector, after, limit, context.RequestAborted);
        DateTimeOffset now = time.GetUtcNow();
        string? next = page.Count == limit ? page[^1].Fingerprint.ToString() : null;
        return new EntriesReply(store.Name, [.. page.Select(entry => EntryView.From(entry, now))], next);
    }

    public async Task GetAsync(HttpContext context, string who)
    {
        (_, List<CacheEntry> found) = await book.ReadPageAsync(ById(context), after: null, limit: 1, context.RequestAborted);
        if (found.Count == 0)
        {
            await ErrorReply.WriteAsync(context, NotThere);
            return;
        }

        await AdminHttp.WriteAsync(context, EntryView.From(found[0], time.GetUtcNow()), AdminJson.Default.EntryView);
    }

    public async Task DeleteAsync(HttpContext context, string who)
    {
        PurgeReply reply = await actions.PurgeAsync(ById(context), isDryRun: false, who, context.RequestAborted);
        if (reply.Count == 0 && reply.Tiers.All(tier => tier.Error is null))
        {
            await ErrorReply.WriteAsync(context, NotThere);
            return;
        }

        await PurgeEndpoint.AnswerAsync(context, reply);
    }

    // Made at or before an age ago, as the clock is now.
    private EntrySelector WithAges(JsonFields fields, EntrySelector selector)
    {
        int? youngest = fields.Number("min_age_seconds", 0, int.MaxValue), oldest = fields.Number("max_age_seconds", 0, int.MaxValue);
        if (oldest is not null && selector.CreatedFrom is not null)
        {
            fields.Fail(RequestError.InvalidValue("created_from", "give either created_from or max_age_seconds."));
        }

        if (youngest is not null && selector.CreatedBefore is not null)
        {
            fields.Fail(RequestError.InvalidValue("created_before", "give either created_before or min_age_seconds."));
        }

        DateTimeOffset now = time.GetUtcNow();
        return selector with
        {
            CreatedFrom = oldest is { } most ? now.AddSeconds(-most) : selector.CreatedFrom,
            CreatedBefore = youngest is { } least ? now.AddSeconds(-least).AddTicks(1) : selector.CreatedBefore,
        };
    }

    public static RequestError NotThere { get; } = new("There is no entry with this id.", "id", "entry_not_found", StatusCodes.Status404NotFound);

    private static EntrySelector ById(HttpContext context) => new() { Id = (string)context.Request.RouteValues["id"]! };
}
