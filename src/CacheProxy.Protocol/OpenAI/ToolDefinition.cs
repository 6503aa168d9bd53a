using System.Buffers;
using System.Text;
using System.Text.Json;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>A tool that a request offers.</summary>
/// <param name="Name">Function name; null for a tool of another type.</param>
/// <param name="Parameters">JSON schema of a function's arguments; null: none given.</param>
/// <param name="Json">The element of a chat's <c>tools</c>: what a template prints.</param>
public sealed record ToolDefinition(string Type, string? Name, string? Parameters, string Json)
{
    /// <summary>A function of a dialect that writes tools in another way, as a chat would have it: the same tool has to make the same prompt.</summary>
    public static ToolDefinition OfFunction(string name, string? description, string? parameters)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, OpenAIJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "function"u8);
            json.WriteStartObject("function"u8);
            json.WriteString("name"u8, name);
            if (description is not null)
            {
                json.WriteString("description"u8, description);
            }

            if (parameters is not null)
            {
                json.WritePropertyName("parameters"u8);
                json.WriteRawValue(parameters, skipInputValidation: true);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return new ToolDefinition("function", name, parameters, Encoding.UTF8.GetString(buffer.WrittenSpan));
    }
}
