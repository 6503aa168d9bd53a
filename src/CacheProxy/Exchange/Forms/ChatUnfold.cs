using System.Text.Json;

namespace CacheProxy.Exchange.Forms;

/// <summary>
/// A chat completion as chunks: per choice the role, then one delta for each property of the message, tool calls as name and arguments,
/// then the end. Log probabilities leave with the text that they belong to.
/// </summary>
internal static class ChatUnfold
{
    public static byte[] ToStream(JsonElement answer, int capacity, bool includeUsage)
    {
        using var chunks = new ChunkStream(answer, capacity, "chat.completion.chunk", includeUsage);
        foreach (JsonElement choice in answer.Items("choices"))
        {
            WriteChoice(chunks, choice);
        }

        return chunks.End();
    }

    private static void WriteChoice(ChunkStream chunks, JsonElement choice)
    {
        long index = choice.Number("index", 0);
        JsonElement message = choice.Child("message");
        bool hasText = message.Text("content") is not null;
        WriteDelta(chunks, index, default, json =>
        {
            json.WriteString("role"u8, message.Text("role") ?? "assistant");
            json.WritePropertyName("content"u8);
            json.WriteRawValue(hasText ? "\"\"" : "null", skipInputValidation: true);
            json.WriteNull("refusal"u8);
        });
        bool saysLogProbs = choice.TryGetProperty("logprobs", out JsonElement logProbs) && logProbs.ValueKind == JsonValueKind.Object;
        string carrier = hasText ? "content" : "refusal";
        foreach (JsonProperty property in message.EnumerateObject().Where(IsSaid))
        {
            if (property.NameEquals("tool_calls"u8))
            {
                WriteCalls(chunks, index, property.Value);
                continue;
            }

            bool carries = saysLogProbs && property.Name == carrier;
            saysLogProbs &= !carries;
            WriteDelta(chunks, index, carries ? logProbs : default, property.WriteTo);
        }

        WriteEnd(chunks, index, choice, saysLogProbs ? logProbs : default);
    }

    private static bool IsSaid(JsonProperty property)
        => property.Name != "role" && property.Value.ValueKind != JsonValueKind.Null
            && !(property.Name is "content" or "refusal" && property.Value.IsNothing());

    private static void WriteCalls(ChunkStream chunks, long index, JsonElement calls)
    {
        int place = 0;
        foreach (JsonElement call in calls.EnumerateArray())
        {
            int own = place++;
            JsonElement function = call.Child("function");
            string arguments = function.Text("arguments") ?? "";
            WriteCall(chunks, index, own, json => WriteHead(json, call, function));
            if (arguments.Length > 0)
            {
                WriteCall(chunks, index, own, json =>
                {
                    json.WriteStartObject("function"u8);
                    json.WriteString("arguments"u8, arguments);
                    json.WriteEndObject();
                });
            }
        }
    }

    private static void WriteHead(Utf8JsonWriter json, JsonElement call, JsonElement function)
    {
        foreach (JsonProperty property in call.EnumerateObject())
        {
            if (!property.NameEquals("function"u8))
            {
                property.WriteTo(json);
                continue;
            }

            json.WriteStartObject("function"u8);
            foreach (JsonProperty part in function.EnumerateObject())
            {
                if (!part.NameEquals("arguments"u8))
                {
                    part.WriteTo(json);
                }
            }

            json.WriteString("arguments"u8, ""u8);
            json.WriteEndObject();
        }
    }

    private static void WriteCall(ChunkStream chunks, long index, int place, Action<Utf8JsonWriter> fields) => WriteDelta(chunks, index, default, json =>
    {
        json.WriteStartArray("tool_calls"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, place);
        fields(json);
        json.WriteEndObject();
        json.WriteEndArray();
    });

    private static void WriteDelta(ChunkStream chunks, long index, JsonElement logProbs, Action<Utf8JsonWriter> delta) => chunks.Write(index, json =>
    {
        json.WriteStartObject("delta"u8);
        delta(json);
        json.WriteEndObject();
        WriteLogProbs(json, logProbs);
        json.WriteNull("finish_reason"u8);
    });

    private static void WriteEnd(ChunkStream chunks, long index, JsonElement choice, JsonElement logProbs) => chunks.Write(index, json =>
    {
        json.WriteStartObject("delta"u8);
        json.WriteEndObject();
        WriteLogProbs(json, logProbs);
        foreach (JsonProperty property in choice.EnumerateObject())
        {
            if (property.Name is not ("index" or "message" or "logprobs"))
            {
                property.WriteTo(json);
            }
        }
    });

    private static void WriteLogProbs(Utf8JsonWriter json, JsonElement logProbs)
    {
        json.WritePropertyName("logprobs"u8);
        if (logProbs.ValueKind == JsonValueKind.Object)
        {
            logProbs.WriteTo(json);
        }
        else
        {
            json.WriteNullValue();
        }
    }
}
