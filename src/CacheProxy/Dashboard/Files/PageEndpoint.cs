using CacheProxy.Admin;
using CacheProxy.Exchange;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Dashboard.Files;

/// <summary>
/// <c>GET /dashboard/{path}</c>. The files hold no figures, so that whoever may sign in may have them; without a key they stay on this machine like
/// all administration.
/// </summary>
internal sealed class PageEndpoint(PageFiles files, AdminGate gate)
{
    // Nothing but our own files runs, and nobody may put the pages into a frame.
    private const string ContentSecurityPolicy =
        "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

    public Task GetAsync(HttpContext context)
    {
        if (gate.Judge(context).Error is { Status: StatusCodes.Status403Forbidden } refused)
        {
            return ErrorReply.WriteAsync(context, refused);
        }

        return files.Find((string?)context.Request.RouteValues["path"] ?? "") is { } file
            ? WriteAsync(context, file)
            : ErrorReply.WriteAsync(context, RequestError.NotFound(context.Request.Method, context.Request.Path));
    }

    private static Task WriteAsync(HttpContext context, PageFile file)
    {
        PageForm form = file.FormFor(AcceptedEncodingsReader.Read(context.Request.Headers));
        HttpResponse response = context.Response;
        response.Headers.ETag = form.Tag;
        response.Headers.Vary = "Accept-Encoding";

        // The page itself is kept but asked about, so that after an update nobody sees yesterday's scripts; what it names by version never changes.
        response.Headers.CacheControl = context.Request.Query["v"] == file.Version ? "max-age=31536000, immutable" : "no-cache";
        response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (IsKnown(context.Request, form.Tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentType = file.ContentType;
        response.ContentLength = form.Bytes.Length;
        if (form.Encoding is { } encoding)
        {
            response.Headers.ContentEncoding = encoding;
        }

        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(form.Bytes, context.RequestAborted).AsTask();
    }

    // RFC 9110 §13.1.2: compared weakly, so that a proxy in between may have weakened it.
    private static bool IsKnown(HttpRequest request, string tag)
        => request.Headers.IfNoneMatch.Any(list => list is not null
            && list.Split(',', StringSplitOptions.TrimEntries).Any(known => known == "*" || known == tag || known == "W/" + tag));
}
