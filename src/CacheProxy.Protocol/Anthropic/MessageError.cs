using System.Buffers;
using System.Text.Json;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Protocol.Anthropic;

/// <summary>An error in the words of Anthropic's API: <c>{"type":"error","error":{"type":…,"message":…},"request_id":…}</c>.</summary>
public static class MessageError
{
    /// <summary>Anthropic's own status for a server that cannot take the request now.</summary>
    public const int Overloaded = 529;

    /// <summary>The status under which Anthropic's clients expect the error.</summary>
    public static int StatusOf(RequestError error) => error.Status == 503 ? Overloaded : error.Status;

    /// <summary>The response body, UTF-8; also the data of a stream's <c>error</c> event.</summary>
    public static byte[] ToJson(RequestError error, string requestId)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, OpenAIJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "error"u8);
            json.WriteStartObject("error"u8);
            json.WriteString("type"u8, TypeOf(error.Status));
            json.WriteString("message"u8, MessageOf(error));
            json.WriteEndObject();
            json.WriteString("request_id"u8, requestId);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static string TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 or Overloaded => "overloaded_error",
        504 => "timeout_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };

    // The shape has no place for the field: the message has to name it.
    private static string MessageOf(RequestError error)
        => error.Param is { } param && !error.Message.Contains(param, StringComparison.Ordinal) ? $"{param}: {error.Message}" : error.Message;
}
