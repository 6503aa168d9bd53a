using CacheProxy.Exchange;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Admin;

/// <summary><c>POST /admin/purge</c>: a selector; counts, and removes where <c>dry_run</c> is false.</summary>
internal sealed class PurgeEndpoint(SelectorReader selectors, PurgeActions actions)
{
    public async Task PostAsync(HttpContext context, string who)
    {
        if (await AdminHttp.ReadBodyAsync(context) is not { } body)
        {
            return;
        }

        JsonFields fields = JsonFields.Parse(body);
        bool isDryRun = fields.Flag("dry_run") ?? true;
        bool isAll = fields.Flag("all") ?? false;
        EntrySelector selector = selectors.Read(fields, takesSecrets: true);
        if (fields.Finish() is null && selector.IsEmpty != isAll)
        {
            fields.Fail(RequestError.InvalidValue("all", isAll
                ? "with all, nothing else is selected by."
                : "a selector that names nothing matches every entry: say all: true when that is meant."));
        }

        if (fields.Error is { } error)
        {
            await ErrorReply.WriteAsync(context, error);
            return;
        }

        await AnswerAsync(context, await actions.PurgeAsync(selector, isDryRun, who, context.RequestAborted));
    }

    // A removal that did not happen must not look like one that did.
    public static Task AnswerAsync(HttpContext context, PurgeReply reply)
    {
        bool hasFailed = !reply.DryRun && reply.Tiers.Any(tier => tier.Error is not null);
        return AdminHttp.WriteAsync(
            context, reply, AdminJson.Default.PurgeReply, hasFailed ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }
}
