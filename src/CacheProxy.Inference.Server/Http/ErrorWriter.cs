using System.Globalization;
using CacheProxy.Protocol.Anthropic;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Http;

/// <summary>Answers with an error body in the shape of the dialect that was asked in.</summary>
internal static class ErrorWriter
{
    // What a loading server asks of its client; a busy engine names the time by its measured rate.
    private const int RetryAfterSeconds = 1;

    public static Task WriteAsync(HttpContext context, RequestError error)
    {
        HttpResponse response = context.Response;
        response.Clear();
        (int status, byte[] body) = MessageDialect.IsUsedBy(context.Request)
            ? (MessageError.StatusOf(error), MessageError.ToJson(error, MessageDialect.RequestIdOf(context))) : (error.Status, error.ToJson());
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        if (error.Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
        {
            double seconds = error.RetryAfter?.TotalSeconds ?? RetryAfterSeconds;
            response.Headers.RetryAfter = Math.Ceiling(seconds).ToString(CultureInfo.InvariantCulture);
        }

        return response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
