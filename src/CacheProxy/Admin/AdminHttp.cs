using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CacheProxy.Exchange;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Admin;

/// <summary>Bodies in and out.</summary>
internal static class AdminHttp
{
    private const int MaxBodyBytes = 1 << 20;

    /// <summary>The body under its cap; null: the error is answered.</summary>
    /// <remarks>Nothing but JSON is taken: a page of another origin can send a form without asking, but not this.</remarks>
    public static async Task<byte[]?> ReadBodyAsync(HttpContext context)
    {
        if (context.Request.ContentType?.Split(';')[0].Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase) != true)
        {
            await ErrorReply.WriteAsync(context, RequestError.UnsupportedMediaType(context.Request.ContentType));
            return null;
        }

        var body = new ArrayBufferWriter<byte>();
        while (true)
        {
            int read = await context.Request.Body.ReadAsync(body.GetMemory(4096), context.RequestAborted);
            if (read == 0)
            {
                return body.WrittenSpan.ToArray();
            }

            body.Advance(read);
            if (body.WrittenCount > MaxBodyBytes)
            {
                await ErrorReply.WriteAsync(context, RequestError.BodyTooLarge(MaxBodyBytes));
                return null;
            }
        }
    }

    public static Task WriteAsync<T>(HttpContext context, T reply, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(reply, type);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
