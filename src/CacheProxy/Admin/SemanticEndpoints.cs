using System.Text.Json;
using CacheProxy.Exchange;
using CacheProxy.Protocol.OpenAI;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Truth;
using CacheProxy.Tenancy;

namespace CacheProxy.Admin;

/// <summary>
/// <c>GET /admin/semantic</c>: how often each scope's semantic hits were wrong. <c>POST /admin/semantic/resume</c>: lets a scope that fell back to
/// exact hits be served again. <c>POST /admin/entries/{id}/feedback</c>: what a user says of a hit; a wrong one's entry is removed.
/// </summary>
internal sealed class SemanticEndpoints(SemanticStage stage, ErrorWatch watch, EntryBook book, PurgeActions actions, TenantNames names, AuditLog audit)
{
    public Task GetAsync(HttpContext context, string who) => AdminHttp.WriteAsync(
        context, new SemanticReply([.. watch.Scopes.OrderByDescending(error => error.Served).Select(error => ScopeErrorView.From(error, names))]), AdminJson.Default.SemanticReply);

    public async Task ResumeAsync(HttpContext context, string who)
    {
        if (await ReadAsync(context) is not { } fields)
        {
            return;
        }

        var key = new ScopeKey(Text(fields, "tenant") ?? "", Text(fields, "model") ?? "", Text(fields, "policy") ?? "");
        if (!watch.Resume(key))
        {
            await ErrorReply.WriteAsync(
                context, new RequestError("No scope with this tenant, model and policy has fallen back to exact hits.", "tenant", "scope_not_found", StatusCodes.Status404NotFound));
            return;
        }

        audit.Write("resume", who, $"{key.Tenant} {key.Model} {key.Policy}", 1);
        await AdminHttp.WriteAsync(context, ScopeErrorView.From(new ScopeError { Key = key }, names), AdminJson.Default.ScopeErrorView);
    }

    public async Task FeedbackAsync(HttpContext context, string who)
    {
        if (await ReadAsync(context) is not { } fields)
        {
            return;
        }

        if (Text(fields, "verdict") is not ("wrong" or "right"))
        {
            await ErrorReply.WriteAsync(context, RequestError.InvalidValue("verdict", "'wrong' or 'right'"));
            return;
        }

        bool isRight = Text(fields, "verdict") == "right";
        var selector = new EntrySelector { Id = (string)context.Request.RouteValues["id"]! };
        (_, List<CacheEntry> found) = await book.ReadPageAsync(selector, after: null, limit: 1, context.RequestAborted);
        if (found.Count == 0)
        {
            await ErrorReply.WriteAsync(context, new RequestError("There is no entry with this id.", "id", "entry_not_found", StatusCodes.Status404NotFound));
            return;
        }

        bool isLearned = stage.Truth?.Hear(found[0], isRight) ?? false;
        audit.Write("feedback", who, $"{found[0].Id} {(isRight ? "right" : "wrong")}", 1);
        PurgeReply? purge = isRight ? null : await actions.PurgeAsync(selector, isDryRun: false, who, context.RequestAborted);
        await AdminHttp.WriteAsync(context, new FeedbackReply(found[0].Id, isRight ? "right" : "wrong", isLearned, purge?.Count ?? 0), AdminJson.Default.FeedbackReply);
    }

    private static async Task<JsonElement?> ReadAsync(HttpContext context)
    {
        if (await AdminHttp.ReadBodyAsync(context) is not { } body)
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document.RootElement.Clone();
            }
        }
        catch (JsonException)
        {
            // Answered below.
        }

        await ErrorReply.WriteAsync(context, RequestError.InvalidValue("body", "a JSON object"));
        return null;
    }

    private static string? Text(JsonElement fields, string name)
        => fields.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
