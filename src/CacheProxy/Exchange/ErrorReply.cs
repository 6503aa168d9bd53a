using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Exchange;

/// <summary>Writes an error in the provider's own shape, so that unmodified clients raise their usual exceptions.</summary>
public static class ErrorReply
{
    public static Task WriteAsync(HttpContext context, RequestError error)
    {
        byte[] body = error.ToJson();
        HttpResponse response = context.Response;
        response.StatusCode = error.Status;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
