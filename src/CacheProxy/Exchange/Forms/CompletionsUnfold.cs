using System.Text.Json;

namespace CacheProxy.Exchange.Forms;

/// <summary>A completion as chunks: per choice its text, then an empty one with the finish reason.</summary>
internal static class CompletionsUnfold
{
    public static byte[] ToStream(JsonElement answer, int capacity, bool includeUsage)
    {
        using var chunks = new ChunkStream(answer, capacity, "text_completion", includeUsage);
        foreach (JsonElement choice in answer.Items("choices"))
        {
            long index = choice.Number("index", 0);
            chunks.Write(index, json =>
            {
                WriteText(json, choice);
                json.WriteNull("finish_reason"u8);
            });
            chunks.Write(index, json =>
            {
                json.WriteString("text"u8, ""u8);
                json.WriteNull("logprobs"u8);
                WriteRest(json, choice);
            });
        }

        return chunks.End();
    }

    private static void WriteText(Utf8JsonWriter json, JsonElement choice)
    {
        json.WriteString("text"u8, choice.Text("text") ?? "");
        json.WritePropertyName("logprobs"u8);
        if (choice.TryGetProperty("logprobs", out JsonElement logProbs))
        {
            logProbs.WriteTo(json);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    private static void WriteRest(Utf8JsonWriter json, JsonElement choice)
    {
        foreach (JsonProperty property in choice.EnumerateObject())
        {
            if (property.Name is not ("index" or "text" or "logprobs"))
            {
                property.WriteTo(json);
            }
        }
    }
}
