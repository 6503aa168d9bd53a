using System.Diagnostics;
using System.Globalization;
using CacheProxy.Inference.Scheduling;

namespace CacheProxy.Inference.Server.Http;

/// <summary>
/// The span of a request for something to be computed, around all other steps: the child of the caller's own (W3C's <c>traceparent</c>) where that says so. What
/// operators ask has none. Where nobody listens it costs one read.
/// </summary>
internal static class ServerSpan
{
    private static readonly ActivitySource Source = new(EngineSpans.SourceName);

    private static readonly Dictionary<string, string> Operations = new(StringComparer.Ordinal)
    {
        ["/v1/chat/completions"] = "chat",
        ["/v1/completions"] = "text_completion",
        ["/v1/responses"] = "chat",
        ["/v1/messages"] = "chat",
        ["/v1/embeddings"] = "embeddings",
    };

    public static Task InvokeAsync(HttpContext context, RequestDelegate next)
        => Source.HasListeners() && HttpMethods.IsPost(context.Request.Method) && Operations.TryGetValue(context.Request.Path.Value ?? "", out string? operation)
            ? TracedAsync(context, next, operation)
            : next(context);

    /// <summary>What the current request is about, once it is known.</summary>
    public static void Note(string name, object value) => Activity.Current?.SetTag(name, value);

    private static async Task TracedAsync(HttpContext context, RequestDelegate next, string operation)
    {
        HttpRequest request = context.Request;
        using Activity? span = Source.StartActivity($"POST {request.Path.Value}", ActivityKind.Server, ParentOf(request.Headers));
        span?.SetTag("gen_ai.operation.name", operation)
            .SetTag("http.request.method", request.Method).SetTag("http.route", request.Path.Value).SetTag("url.path", request.Path.Value).SetTag("url.scheme", request.Scheme);
        await next(context).ConfigureAwait(false);
        if (span is not null)
        {
            End(span, context.RequestAborted.IsCancellationRequested ? StatusCodes.Status499ClientClosedRequest : context.Response.StatusCode);
        }
    }

    private static void End(Activity span, int status)
    {
        span.SetTag("http.response.status_code", status);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            span.SetTag(EngineSpans.ErrorType, status.ToString(CultureInfo.InvariantCulture)).SetStatus(ActivityStatusCode.Error);
        }
    }

    // None, several, or one that cannot be read: the standard has us begin a trace.
    private static ActivityContext ParentOf(IHeaderDictionary headers)
        => headers.TraceParent is { Count: 1 } parent && ActivityContext.TryParse(parent, headers.TraceState, isRemote: true, out ActivityContext context) ? context : default;
}
