using System.Text.Json;

namespace CacheProxy.Exchange.Replay;

/// <summary>The parameters of the request that every object of the Responses API says again.</summary>
internal static class RequestEcho
{
    // The API's defaults, in the order in which it says them.
    private static readonly (string Name, string Default)[] Fields =
    [
        ("instructions", "null"),
        ("max_output_tokens", "null"),
        ("max_tool_calls", "null"),
        ("parallel_tool_calls", "true"),
        ("previous_response_id", "null"),
        ("reasoning", """{"effort":null,"summary":null}"""),
        ("temperature", "1.0"),
        ("text", """{"format":{"type":"text"}}"""),
        ("tool_choice", "\"auto\""),
        ("tools", "[]"),
        ("top_logprobs", "0"),
        ("top_p", "1.0"),
        ("truncation", "\"disabled\""),
        ("metadata", "{}"),
    ];

    /// <param name="request">The request's body; empty: all are the defaults.</param>
    public static void Write(Utf8JsonWriter json, ReadOnlyMemory<byte> request)
    {
        using JsonDocument? document = request.IsEmpty ? null : JsonDocument.Parse(request);
        foreach ((string name, string standard) in Fields)
        {
            json.WritePropertyName(name);
            if (document is not null && document.RootElement.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null)
            {
                value.WriteTo(json);
            }
            else
            {
                json.WriteRawValue(standard, skipInputValidation: true);
            }
        }
    }
}
