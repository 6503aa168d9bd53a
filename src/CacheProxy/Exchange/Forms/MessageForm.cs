using System.Text.Json;

namespace CacheProxy.Exchange.Forms;

/// <summary>A chat message that grew from deltas, as objects carry it.</summary>
internal static class MessageForm
{
    public static void Write(Utf8JsonWriter json, GrownObject message)
    {
        bool saysOther = message["tool_calls"] is GrownList { IsEmpty: false } || message["refusal"] is GrownText { IsEmpty: false };
        json.WriteStartObject();
        if (message["role"] is null)
        {
            json.WriteString("role"u8, "assistant"u8);
        }

        foreach (var (name, value) in message.Properties)
        {
            json.WritePropertyName(name);
            if (name == "content" && saysOther && value is GrownText { IsEmpty: true })
            {
                // Streams begin with an empty text; an object that calls tools or refuses has none at all.
                json.WriteNullValue();
            }
            else if (name == "tool_calls" && value is GrownList calls)
            {
                WriteCalls(json, calls);
            }
            else
            {
                value.WriteTo(json);
            }
        }

        foreach (string name in (ReadOnlySpan<string>)["content", "refusal"])
        {
            if (message[name] is null)
            {
                json.WriteNull(name);
            }
        }

        json.WriteEndObject();
    }

    // In an object the place in the list is the index.
    private static void WriteCalls(Utf8JsonWriter json, GrownList calls)
    {
        json.WriteStartArray();
        foreach (Grown call in calls.Items)
        {
            if (call is GrownObject known)
            {
                known.WriteTo(json, without: "index");
            }
            else
            {
                call.WriteTo(json);
            }
        }

        json.WriteEndArray();
    }
}
