using System.Globalization;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Http;

/// <summary>Answers with an error body in OpenAI's shape.</summary>
internal static class ErrorWriter
{
    // What a busy or loading server asks of its client: short, since a place in the queue frees up with every answer.
    private const int RetryAfterSeconds = 1;

    public static Task WriteAsync(HttpContext context, RequestError error)
    {
        HttpResponse response = context.Response;
        byte[] body = error.ToJson();
        response.Clear();
        response.StatusCode = error.Status;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        if (error.Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        }

        return response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
