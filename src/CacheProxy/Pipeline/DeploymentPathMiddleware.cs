using System.Buffers;
using CacheProxy.Entry;
using CacheProxy.Exchange;
using CacheProxy.Forward;
using CacheProxy.Forward.Routes;
using CacheProxy.Protocol.OpenAI;
using Microsoft.Extensions.Options;

namespace CacheProxy.Pipeline;

/// <summary>
/// Azure's clients name the model in the path. Theirs become requests of the common paths with the path's model in the body, so that the stages treat them like any
/// other. The client's <c>api-version</c> does not count: the upstream's settings have one, and an answer may depend on it.
/// </summary>
public sealed class DeploymentPathMiddleware(RequestDelegate next, IOptionsMonitor<ServerOptions> server)
{
    private const string Version = "/v1";

    public Task InvokeAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        return request.Path.Value is ['/', 'o' or 'O', ..] && HttpMethods.IsPost(request.Method) && request.Headers.ContentEncoding.Count == 0
            && DeploymentPath.TryRead(request.Path, out string model, out PathString operation)
            && DialectPaths.TryFind(Version + operation, out _)
            ? TranslateAsync(context, model, operation)
            : next(context);
    }

    private async Task TranslateAsync(HttpContext context, string model, PathString operation)
    {
        HttpRequest request = context.Request;
        int cap = server.CurrentValue.MaxBodyBytes;
        (byte[]? array, int length) = await RequestBodyReader.ReadAsync(request, cap);
        if (array is null)
        {
            await ErrorReply.WriteAsync(context, RequestError.BodyTooLarge(cap));
            return;
        }

        byte[] body = RequestBodyRewriter.Apply(array.AsMemory(0, length), new BodyEdits { Model = model }).ToArray();
        ArrayPool<byte>.Shared.Return(array);
        request.Path = Version + operation;
        request.QueryString = QueryString.Create(request.Query.Where(pair => !pair.Key.Equals("api-version", StringComparison.OrdinalIgnoreCase)));
        request.Body = new MemoryStream(body, writable: false);
        request.Headers.TransferEncoding = default;
        request.ContentLength = body.Length;
        await next(context);
    }
}
