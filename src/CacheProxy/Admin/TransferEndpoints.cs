using System.Text.Json;
using CacheProxy.Exchange;
using CacheProxy.Invalidation;
using CacheProxy.Protocol.OpenAI;
using CacheProxy.Stores.Codec;
using CacheProxy.Tenancy;

namespace CacheProxy.Admin;

/// <summary>
/// <c>GET /admin/export</c> and <c>POST /admin/import</c>: entries as lines of JSON. Fingerprints and tenants are keyed with the installation's
/// secret, and an entry does not hold the request that they could be made anew from: an export goes into proxies with the same
/// <c>Tenants:Secret</c> only, others refuse it. What is to move between installations is seeded.
/// </summary>
internal sealed class TransferEndpoints(
    SelectorReader selectors, EntryBook book, EntryImporter importer, InstallationSecret secret, AuditLog audit, TimeProvider time)
{
    private const int MaxLineBytes = 256 << 20;

    private static readonly byte[] LineEnd = "\n"u8.ToArray();

    public async Task ExportAsync(HttpContext context, string who)
    {
        JsonFields fields = JsonFields.From(context.Request.Query);
        EntrySelector selector = selectors.Read(fields, takesSecrets: false);
        if (fields.Finish() is { } error)
        {
            await ErrorReply.WriteAsync(context, error);
            return;
        }

        context.Response.ContentType = "application/x-ndjson";
        context.Response.Headers.CacheControl = "no-store";
        var head = new ExportHead(ExportHead.FormatName, ExportHead.CurrentVersion, EntryCodec.Version, secret.Name, time.GetUtcNow());
        await WriteAsync(context, JsonSerializer.SerializeToUtf8Bytes(head, AdminJson.Default.ExportHead));
        long count = 0;
        await foreach (CacheEntry entry in book.ReadAllAsync(selector, context.RequestAborted))
        {
            var line = new ExportLine(EntryCodec.Encode(entry), entry.Id, entry.Namespace, entry.Tags, entry.Model);
            await WriteAsync(context, JsonSerializer.SerializeToUtf8Bytes(line, AdminJson.Default.ExportLine));
            count++;
        }

        await WriteAsync(context, JsonSerializer.SerializeToUtf8Bytes(new ExportEnd(true, count), AdminJson.Default.ExportEnd));
        audit.Write("export", who, SelectorText.From(selector).ToString(), count);
    }

    public async Task ImportAsync(HttpContext context, string who)
    {
        JsonFields fields = JsonFields.From(context.Request.Query);
        bool isDryRun = fields.Flag("dry_run") ?? false;
        if (fields.Finish() is { } error)
        {
            await ErrorReply.WriteAsync(context, error);
            return;
        }

        (ImportReply reply, RequestError? fault) = await importer.ImportAsync(
            JsonLines.ReadAsync(context.Request.BodyReader, MaxLineBytes, context.RequestAborted), isDryRun, context.RequestAborted);
        audit.Write("import", who, fault?.Message ?? "", reply.Imported, isDryRun);
        await (fault is null ? AdminHttp.WriteAsync(context, reply, AdminJson.Default.ImportReply) : ErrorReply.WriteAsync(context, fault));
    }

    private static async Task WriteAsync(HttpContext context, byte[] line)
    {
        await context.Response.Body.WriteAsync(line, context.RequestAborted);
        await context.Response.Body.WriteAsync(LineEnd, context.RequestAborted);
    }
}
