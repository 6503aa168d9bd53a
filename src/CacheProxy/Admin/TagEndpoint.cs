using CacheProxy.Exchange;
using CacheProxy.Invalidation;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Admin;

/// <summary><c>PUT /admin/entries/{id}/tags</c>: <c>{"tags":["kb","doc-42"]}</c> in the place of those that the entry has.</summary>
internal sealed class TagEndpoint(EntryBook book, EntryTagger tagger, AuditLog audit)
{
    // As many as a request may send.
    private const int MostTags = 32;

    public async Task PutAsync(HttpContext context, string who)
    {
        if (await AdminHttp.ReadBodyAsync(context) is not { } body)
        {
            return;
        }

        JsonFields fields = JsonFields.Parse(body);
        bool isGiven = fields.Take("tags") is not null;
        string[] tags = [.. fields.Texts("tags", MostTags).Distinct(StringComparer.Ordinal)];
        RequestError? error = fields.Finish()
            ?? (!isGiven ? RequestError.Missing("tags") : null)
            ?? (tags.All(NamespaceName.IsValidTag) ? null : RequestError.InvalidValue("tags", NamespaceName.TagRule));
        if (error is not null)
        {
            await ErrorReply.WriteAsync(context, error);
            return;
        }

        var selector = new EntrySelector { Id = (string)context.Request.RouteValues["id"]! };
        (_, List<CacheEntry> found) = await book.ReadPageAsync(selector, after: null, limit: 1, context.RequestAborted);
        if (found.Count == 0)
        {
            await ErrorReply.WriteAsync(context, EntryEndpoints.NotThere);
            return;
        }

        // Begun, it goes on when the one who asked goes away: an entry with two sets of tags is found by neither purge.
        (IReadOnlyList<TierTags> tiers, bool isShared) = await tagger.RetagAsync(found[0], tags, CancellationToken.None);
        bool hasFailed = tiers.Any(tier => tier.Error is not null);
        if (!hasFailed && !tiers.Any(tier => tier.Changed))
        {
            await ErrorReply.WriteAsync(context, EntryEndpoints.NotThere);
            return;
        }

        audit.Write("retag", who, $"{found[0].Id} [{string.Join(' ', found[0].Tags)}] -> [{string.Join(' ', tags)}]", tiers.Count(tier => tier.Changed));
        await AdminHttp.WriteAsync(
            context, new TagsReply(found[0].Id, tags, tiers, isShared), AdminJson.Default.TagsReply,
            hasFailed ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }
}
