using System.Text.Json;

namespace CacheProxy.Exchange.Forms;

/// <summary>The events of one output item between its <c>added</c> and its <c>done</c>.</summary>
internal static class ItemEvents
{
    public static void Write(ResponseEvents events, int index, JsonElement item)
    {
        string type = item.Text("type") ?? "";
        events.Write("response.output_item.added", json =>
        {
            json.WriteNumber("output_index"u8, index);
            json.WriteStartObject("item"u8);
            foreach (JsonProperty property in item.EnumerateObject())
            {
                WriteBegun(json, type, property);
            }

            json.WriteEndObject();
        });
        var place = new ItemPlace(events, index, item.Text("id") ?? "");
        switch (type)
        {
            case "message":
                PartEvents.WriteParts(place, item);
                break;
            case "reasoning":
                PartEvents.WriteSummaries(place, item);
                PartEvents.WriteParts(place, item);
                break;
            default:
                WriteCall(place, type, item);
                break;
        }

        events.Write("response.output_item.done", json =>
        {
            json.WriteNumber("output_index"u8, index);
            json.WritePropertyName("item"u8);
            item.WriteTo(json);
        });
    }

    // What comes by events of its own begins empty.
    private static void WriteBegun(Utf8JsonWriter json, string type, JsonProperty property)
    {
        bool isParts = (type is "message" or "reasoning" && property.NameEquals("content"u8)) || (type == "reasoning" && property.NameEquals("summary"u8));
        if (property.NameEquals("status"u8))
        {
            json.WriteString("status"u8, "in_progress"u8);
        }
        else if (isParts && property.Value.ValueKind == JsonValueKind.Array)
        {
            json.WriteStartArray(property.Name);
            json.WriteEndArray();
        }
        else if (property.Name == ArgumentOf(type).Field)
        {
            json.WriteString(property.Name, ""u8);
        }
        else
        {
            property.WriteTo(json);
        }
    }

    /// <summary>The property of a call that comes in deltas, and the stem of its events.</summary>
    private static (string? Field, string Stem) ArgumentOf(string type) => type switch
    {
        "function_call" => ("arguments", "response.function_call_arguments"),
        "mcp_call" => ("arguments", "response.mcp_call_arguments"),
        "custom_tool_call" => ("input", "response.custom_tool_call_input"),
        "code_interpreter_call" => ("code", "response.code_interpreter_call_code"),
        _ => (null, ""),
    };

    /// <summary>The states that a hosted tool's call goes through, before and after its argument.</summary>
    private static (string[] Before, string[] After) StatesOf(string type, JsonElement item) => type switch
    {
        "web_search_call" or "file_search_call" => (["in_progress", "searching"], ["completed"]),
        "code_interpreter_call" => (["in_progress"], ["interpreting", "completed"]),
        "image_generation_call" => (["in_progress", "generating"], ["completed"]),
        "mcp_call" or "mcp_list_tools" => (["in_progress"], [item.TryGetProperty("error", out JsonElement error) && !error.IsNothing() ? "failed" : "completed"]),
        _ => ([], []),
    };

    private static void WriteCall(ItemPlace place, string type, JsonElement item)
    {
        (string[] before, string[] after) = StatesOf(type, item);
        Array.ForEach(before, state => place.Write($"response.{type}.{state}", _ => { }));
        (string? field, string stem) = ArgumentOf(type);
        if (field is not null && item.Text(field) is { } text)
        {
            if (text.Length > 0)
            {
                place.Write($"{stem}.delta", json => json.WriteString("delta"u8, text));
            }

            place.Write($"{stem}.done", json =>
            {
                json.WriteString(field, text);
                if (type == "function_call")
                {
                    json.WriteString("name"u8, item.Text("name"));
                }
            });
        }

        Array.ForEach(after, state => place.Write($"response.{type}.{state}", _ => { }));
    }
}
