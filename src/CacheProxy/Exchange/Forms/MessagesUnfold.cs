using System.Text.Json;

namespace CacheProxy.Exchange.Forms;

/// <summary>A message of Anthropic's API as its events: the frame, each block's start, deltas and stop, the end with the final usage.</summary>
internal static class MessagesUnfold
{
    public static byte[] ToStream(JsonElement answer, int capacity)
    {
        using var events = new EventStream(capacity);
        Write(events, "message_start", json => WriteStart(json, answer));
        int index = 0;
        foreach (JsonElement block in answer.Items("content"))
        {
            BlockEvents.Write(events, index++, block);
            if (index == 1)
            {
                Write(events, "ping", _ => { });
            }
        }

        Write(events, "message_delta", json => WriteEnd(json, answer));
        Write(events, "message_stop", _ => { });
        return events.ToArray();
    }

    internal static void Write(EventStream events, string type, Action<Utf8JsonWriter> fields) => events.Write(type, json =>
    {
        json.WriteString("type"u8, type);
        fields(json);
    });

    private static bool IsOfEnd(string name) => name is "stop_reason" or "stop_sequence" or "stop_details" or "container";

    private static void WriteStart(Utf8JsonWriter json, JsonElement answer)
    {
        json.WriteStartObject("message"u8);
        foreach (JsonProperty property in answer.EnumerateObject())
        {
            if (IsOfEnd(property.Name))
            {
                json.WriteNull(property.Name);
            }
            else if (property.NameEquals("content"u8))
            {
                json.WriteStartArray("content"u8);
                json.WriteEndArray();
            }
            else if (property.NameEquals("usage"u8))
            {
                WriteUsageAtStart(json, property.Value);
            }
            else if (!property.NameEquals("context_management"u8))
            {
                property.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    // At the start the prompt is counted and next to nothing of the answer.
    private static void WriteUsageAtStart(Utf8JsonWriter json, JsonElement usage)
    {
        json.WriteStartObject("usage"u8);
        foreach (JsonProperty property in usage.EnumerateObject())
        {
            if (property.NameEquals("output_tokens"u8))
            {
                json.WriteNumber("output_tokens"u8, Math.Min(1, usage.Number("output_tokens", 0)));
            }
            else
            {
                property.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    private static void WriteEnd(Utf8JsonWriter json, JsonElement answer)
    {
        json.WriteStartObject("delta"u8);
        foreach (JsonProperty property in answer.EnumerateObject().Where(item => IsOfEnd(item.Name)))
        {
            property.WriteTo(json);
        }

        json.WriteEndObject();
        json.WriteStartObject("usage"u8);
        foreach (JsonProperty property in answer.Child("usage").EnumerateObject())
        {
            // The rest was final at the start.
            if (property.Name is "input_tokens" or "output_tokens" or "cache_creation_input_tokens" or "cache_read_input_tokens" or "server_tool_use")
            {
                property.WriteTo(json);
            }
        }

        json.WriteEndObject();
        if (answer.TryGetProperty("context_management", out JsonElement management))
        {
            json.WritePropertyName("context_management"u8);
            management.WriteTo(json);
        }
    }
}
