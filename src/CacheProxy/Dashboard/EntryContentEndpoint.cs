using System.Text;
using CacheProxy.Admin;
using CacheProxy.Admin.Access;
using CacheProxy.Dashboard.Api;
using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.SemanticCache;
using CacheProxy.Tenancy;

namespace CacheProxy.Dashboard;

/// <summary><c>GET /dashboard/api/entries/{id}</c>: an entry with its answer, and its question where the semantic index has it. Reading it is audited: both may be anybody's secret.</summary>
internal sealed class EntryContentEndpoint(EntryBook book, SemanticStage stage, TenantNames names, AuditLog audit, TimeProvider time)
{
    private const int LongestText = 64 * 1024;

    private static readonly string[] Hidden = ["answer", "question"];

    public async Task GetAsync(HttpContext context, AdminPass pass)
    {
        var selector = new EntrySelector { Id = (string)context.Request.RouteValues["id"]! };
        (IEntryStore store, List<CacheEntry> found) = await book.ReadPageAsync(selector, after: null, limit: 1, context.RequestAborted);
        if (found is not [var entry])
        {
            await DashboardHttp.WriteAsync(context, EntryEndpoints.NotThere);
            return;
        }

        EntryView view = EntryView.From(entry, time.GetUtcNow()).Named(names);
        bool wasHit = stage.Truth?.IsServed(entry) == true;
        if (pass.Role != AdminRole.Admin)
        {
            await DashboardHttp.WriteAsync(context, new EntryContentView(view, null, null, Hidden, store.Name, wasHit), DashboardJson.Default.EntryContentView);
            return;
        }

        string? question = (await stage.FindQuestionsAsync([entry.Fingerprint], context.RequestAborted)).GetValueOrDefault(entry.Fingerprint);
        audit.Write("read", pass.Who, entry.Id, 1);
        await DashboardHttp.WriteAsync(context, new EntryContentView(view, ToView(entry.Answer), question, [], store.Name, wasHit), DashboardJson.Default.EntryContentView);
    }

    private static AnswerView ToView(CanonicalAnswer answer)
    {
        IReadOnlyList<AnswerEvent> events = answer.Events;
        string text = Join(events.OfType<AnswerEvent.TextDelta>().Where(delta => delta.Choice == 0).Select(delta => delta.Text));
        string reasoning = Join(events.OfType<AnswerEvent.ReasoningDelta>().Where(delta => delta.Choice == 0).Select(delta => delta.Text));
        string refusal = Join(events.OfType<AnswerEvent.RefusalDelta>().Where(delta => delta.Choice == 0).Select(delta => delta.Text));
        return new AnswerView(
            Cut(text), text.Length > LongestText, events.OfType<AnswerEvent.Finish>().Count(), NullIfEmpty(Cut(reasoning)), NullIfEmpty(Cut(refusal)),
            [.. events.OfType<AnswerEvent.ToolCallDelta>().Where(call => call.Choice == 0).Select(call => new ToolCallView(call.Name, Cut(call.Arguments)))],
            events.OfType<AnswerEvent.Finish>().FirstOrDefault(finish => finish.Choice == 0)?.Reason, answer.Body.ContentType, answer.UpstreamId, answer.Model,
            events.OfType<AnswerEvent.Usage>().LastOrDefault()?.Json);
    }

    private static string Join(IEnumerable<string> parts)
    {
        var joined = new StringBuilder();
        foreach (string part in parts)
        {
            joined.Append(part);
        }

        return joined.ToString();
    }

    // Never between the halves of one sign.
    private static string Cut(string text)
        => text.Length <= LongestText ? text : text[..(char.IsHighSurrogate(text[LongestText - 1]) ? LongestText - 1 : LongestText)];

    private static string? NullIfEmpty(string text) => text.Length > 0 ? text : null;
}
