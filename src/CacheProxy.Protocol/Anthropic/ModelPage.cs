using System.Buffers;
using System.Text.Json;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Protocol.Anthropic;

/// <summary>The answers of <c>GET /v1/models</c> and <c>GET /v1/models/{id}</c> in Anthropic's shape: all models are on one page.</summary>
public static class ModelPage
{
    public static byte[] ToJson(IReadOnlyList<ModelInfo> models) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("data"u8);
        foreach (ModelInfo model in models)
        {
            WriteModel(json, model);
        }

        json.WriteEndArray();
        json.WriteBoolean("has_more"u8, false);
        json.WriteString("first_id"u8, models.Count > 0 ? models[0].Id : null);
        json.WriteString("last_id"u8, models.Count > 0 ? models[^1].Id : null);
        json.WriteEndObject();
    });

    public static byte[] ToJson(ModelInfo model) => Write(json => WriteModel(json, model));

    private static void WriteModel(Utf8JsonWriter json, ModelInfo model)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "model"u8);
        json.WriteString("id"u8, model.Id);
        json.WriteString("display_name"u8, model.Id);
        json.WriteString("created_at"u8, DateTimeOffset.FromUnixTimeSeconds(model.Created).UtcDateTime);
        json.WriteEndObject();
    }

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, OpenAIJson.WriterOptions))
        {
            write(json);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
