using CacheProxy.Protocol.Anthropic;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Exchange;

/// <summary>Writes an error in the shape of the API that the client speaks, so that unmodified clients raise their usual exceptions.</summary>
public static class ErrorReply
{
    private const string RequestId = "request-id";

    public static Task WriteAsync(HttpContext context, RequestError error)
    {
        HttpResponse response = context.Response;
        byte[] body;
        int status = error.Status;
        if (DialectPaths.IsAnthropic(context.Request))
        {
            string id = "req_" + context.TraceIdentifier.Replace(':', '_');
            response.Headers[RequestId] = id;
            status = MessageError.StatusOf(error);
            body = MessageError.ToJson(error, id);
        }
        else
        {
            body = error.ToJson();
        }

        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
