using System.Buffers;
using System.Text.Json;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Protocol.Anthropic;

/// <summary>The body of an error in the shape of Anthropic's API: <c>{"type":"error","error":{"type","message"},"request_id"}</c>.</summary>
public static class AnthropicError
{
    /// <summary>The family of an error by its status (Anthropic's API reference, errors).</summary>
    public static string TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        408 or 504 => "timeout_error",
        503 or 529 => "overloaded_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };

    /// <summary>UTF-8. Field and code have no place of their own in this shape: the message names the field.</summary>
    public static byte[] ToJson(RequestError error, string requestId)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, OpenAIJson.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "error"u8);
            writer.WriteStartObject("error"u8);
            writer.WriteString("type"u8, TypeOf(error.Status));
            writer.WriteString("message"u8, error.Message);
            writer.WriteEndObject();
            writer.WriteString("request_id"u8, requestId);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
