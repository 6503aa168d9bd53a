using System.Text.Json;

namespace CacheProxy.Exchange.Forms;

/// <summary>The events of one content block: what grows by deltas begins empty, everything else is there from its start.</summary>
internal static class BlockEvents
{
    public static void Write(EventStream events, int index, JsonElement block)
    {
        string type = block.Text("type") ?? "";
        Write(events, "content_block_start", index, json =>
        {
            json.WriteStartObject("content_block"u8);
            foreach (JsonProperty property in block.EnumerateObject())
            {
                WriteBegun(json, type, property);
            }

            json.WriteEndObject();
        });
        foreach (JsonProperty property in block.EnumerateObject())
        {
            WriteDeltas(events, index, type, property);
        }

        Write(events, "content_block_stop", index, _ => { });
    }

    // Only the calls' input grows: of other blocks, a property of that name is theirs.
    private static bool IsInput(string type, JsonProperty property)
        => property.NameEquals("input"u8) && type.EndsWith("tool_use", StringComparison.Ordinal) && property.Value.ValueKind == JsonValueKind.Object;

    private static void WriteBegun(Utf8JsonWriter json, string type, JsonProperty property)
    {
        if (DeltaOf(type, property.Name) is not null && property.Value.ValueKind == JsonValueKind.String)
        {
            json.WriteString(property.Name, ""u8);
        }
        else if (IsInput(type, property))
        {
            json.WriteStartObject("input"u8);
            json.WriteEndObject();
        }
        else if (type == "text" && property.NameEquals("citations"u8) && property.Value.ValueKind == JsonValueKind.Array)
        {
            json.WriteStartArray("citations"u8);
            json.WriteEndArray();
        }
        else
        {
            property.WriteTo(json);
        }
    }

    private static void WriteDeltas(EventStream events, int index, string type, JsonProperty property)
    {
        if (DeltaOf(type, property.Name) is var (kind, field) && property.Value.ValueKind == JsonValueKind.String && !property.Value.IsNothing())
        {
            WriteDelta(events, index, kind, json => json.WriteString(field, property.Value.GetString()));
        }
        else if (IsInput(type, property))
        {
            // The API itself begins with an empty piece.
            WriteDelta(events, index, "input_json_delta", json => json.WriteString("partial_json"u8, ""u8));
            if (!property.Value.IsNothing())
            {
                WriteDelta(events, index, "input_json_delta", json => json.WriteString("partial_json"u8, property.Value.Compact()));
            }
        }
        else if (type == "text" && property.NameEquals("citations"u8) && property.Value.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement citation in property.Value.EnumerateArray())
            {
                WriteDelta(events, index, "citations_delta", json =>
                {
                    json.WritePropertyName("citation"u8);
                    citation.WriteTo(json);
                });
            }
        }
    }

    private static (string Kind, string Field)? DeltaOf(string type, string property) => (type, property) switch
    {
        ("text", "text") => ("text_delta", "text"),
        ("thinking", "thinking") => ("thinking_delta", "thinking"),
        ("thinking", "signature") => ("signature_delta", "signature"),
        ("compaction", "content") => ("compaction_delta", "content"),
        _ => null,
    };

    private static void WriteDelta(EventStream events, int index, string kind, Action<Utf8JsonWriter> fields)
        => Write(events, "content_block_delta", index, json =>
        {
            json.WriteStartObject("delta"u8);
            json.WriteString("type"u8, kind);
            fields(json);
            json.WriteEndObject();
        });

    private static void Write(EventStream events, string type, int index, Action<Utf8JsonWriter> fields) => MessagesUnfold.Write(events, type, json =>
    {
        json.WriteNumber("index"u8, index);
        fields(json);
    });
}
