using System.Text.Json.Serialization.Metadata;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Http;

/// <summary>Answers with one JSON object.</summary>
internal static class JsonAnswer
{
    public static Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type) => WriteAsync(context, OpenAIJson.Serialize(value, type));

    public static Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
