using System.Text.Json;

namespace CacheProxy.Exchange.Forms;

/// <summary>The events of an item's content parts and of a reasoning item's summaries.</summary>
internal static class PartEvents
{
    public static void WriteParts(ItemPlace place, JsonElement item)
    {
        int index = 0;
        foreach (JsonElement part in item.Items("content"))
        {
            int own = index++;
            Write(place, "response.content_part.added", own, json => WriteBegun(json, part));
            switch (part.Text("type"))
            {
                case "output_text":
                    WriteText(place, own, part);
                    break;
                case "refusal":
                    WriteGrowing(place, "response.refusal", own, "refusal", part.Text("refusal") ?? "");
                    break;
                case "reasoning_text":
                    WriteGrowing(place, "response.reasoning_text", own, "text", part.Text("text") ?? "");
                    break;
            }

            Write(place, "response.content_part.done", own, json => WriteWhole(json, part));
        }
    }

    public static void WriteSummaries(ItemPlace place, JsonElement item)
    {
        int index = 0;
        foreach (JsonElement part in item.Items("summary"))
        {
            int own = index++;
            string text = part.Text("text") ?? "";
            WriteSummary(place, "part.added", own, json => WriteBegun(json, part));
            if (text.Length > 0)
            {
                WriteSummary(place, "text.delta", own, json => json.WriteString("delta"u8, text));
            }

            WriteSummary(place, "text.done", own, json => json.WriteString("text"u8, text));
            WriteSummary(place, "part.done", own, json => WriteWhole(json, part));
        }
    }

    private static void WriteText(ItemPlace place, int index, JsonElement part)
    {
        string text = part.Text("text") ?? "";
        if (text.Length > 0)
        {
            Write(place, "response.output_text.delta", index, json =>
            {
                json.WriteString("delta"u8, text);
                WriteList(json, "logprobs", part);
            });
        }

        int annotationIndex = 0;
        foreach (JsonElement annotation in part.Items("annotations"))
        {
            Write(place, "response.output_text.annotation.added", index, json =>
            {
                json.WriteNumber("annotation_index"u8, annotationIndex++);
                json.WritePropertyName("annotation"u8);
                annotation.WriteTo(json);
            });
        }

        Write(place, "response.output_text.done", index, json =>
        {
            json.WriteString("text"u8, text);
            WriteList(json, "logprobs", part);
        });
    }

    private static void WriteGrowing(ItemPlace place, string stem, int index, string field, string text)
    {
        if (text.Length > 0)
        {
            Write(place, $"{stem}.delta", index, json => json.WriteString("delta"u8, text));
        }

        Write(place, $"{stem}.done", index, json => json.WriteString(field, text));
    }

    // Texts and lists begin empty, everything else is there from the start.
    private static void WriteBegun(Utf8JsonWriter json, JsonElement part)
    {
        json.WriteStartObject("part"u8);
        foreach (JsonProperty property in part.EnumerateObject())
        {
            if (property.Name is "text" or "refusal")
            {
                json.WriteString(property.Name, ""u8);
            }
            else if (property.Value.ValueKind == JsonValueKind.Array)
            {
                json.WriteStartArray(property.Name);
                json.WriteEndArray();
            }
            else
            {
                property.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    private static void WriteWhole(Utf8JsonWriter json, JsonElement part)
    {
        json.WritePropertyName("part"u8);
        part.WriteTo(json);
    }

    private static void WriteList(Utf8JsonWriter json, string name, JsonElement part)
    {
        json.WriteStartArray(name);
        foreach (JsonElement item in part.Items(name))
        {
            item.WriteTo(json);
        }

        json.WriteEndArray();
    }

    private static void Write(ItemPlace place, string type, int index, Action<Utf8JsonWriter> fields) => place.Write(type, json =>
    {
        json.WriteNumber("content_index"u8, index);
        fields(json);
    });

    private static void WriteSummary(ItemPlace place, string step, int index, Action<Utf8JsonWriter> fields)
        => place.Write($"response.reasoning_summary_{step}", json =>
        {
            json.WriteNumber("summary_index"u8, index);
            fields(json);
        });
}
