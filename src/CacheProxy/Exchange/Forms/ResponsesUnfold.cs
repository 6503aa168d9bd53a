using System.Text.Json;

namespace CacheProxy.Exchange.Forms;

/// <summary>A response of OpenAI's Responses API as its events: created, in progress, each item with its parts, the terminal event with all of it.</summary>
internal static class ResponsesUnfold
{
    public static byte[] ToStream(JsonElement answer, int capacity)
    {
        using var events = new ResponseEvents(capacity);
        events.Write("response.created", json => WriteBegun(json, answer));
        events.Write("response.in_progress", json => WriteBegun(json, answer));
        int index = 0;
        foreach (JsonElement item in answer.Items("output"))
        {
            ItemEvents.Write(events, index++, item);
        }

        string end = answer.Text("status") == "incomplete" ? "response.incomplete" : "response.completed";
        events.Write(end, json =>
        {
            json.WritePropertyName("response"u8);
            answer.WriteTo(json);
        });
        return events.ToArray();
    }

    private static void WriteBegun(Utf8JsonWriter json, JsonElement answer)
    {
        json.WriteStartObject("response"u8);
        foreach (JsonProperty property in answer.EnumerateObject())
        {
            switch (property.Name)
            {
                case "status":
                    json.WriteString("status"u8, "in_progress"u8);
                    break;
                case "output":
                    json.WriteStartArray("output"u8);
                    json.WriteEndArray();
                    break;
                case "usage" or "completed_at" or "incomplete_details":
                    json.WriteNull(property.Name);
                    break;
                // The clients' own sum of the texts, which some servers send.
                case "output_text":
                    break;
                default:
                    property.WriteTo(json);
                    break;
            }
        }

        json.WriteEndObject();
    }
}
