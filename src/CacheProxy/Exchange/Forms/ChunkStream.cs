using System.Text.Json;

namespace CacheProxy.Exchange.Forms;

/// <summary>The chunks of one answer of OpenAI's older APIs: the same head on each, then one choice, or the usage.</summary>
/// <param name="kind">The chunks' <c>object</c>.</param>
/// <param name="includeUsage"><c>stream_options.include_usage</c>: a last chunk has it, the others have null.</param>
internal sealed class ChunkStream(JsonElement answer, int capacity, string kind, bool includeUsage) : IDisposable
{
    private readonly EventStream _events = new(capacity);
    private bool _hasBegun;

    /// <param name="choice">Writes the properties of the chunk's one choice behind its index.</param>
    public void Write(long index, Action<Utf8JsonWriter> choice) => WriteChunk(usage: default, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("index"u8, index);
        choice(json);
        json.WriteEndObject();
    });

    public byte[] End()
    {
        if (includeUsage && answer.TryGetProperty("usage", out JsonElement usage))
        {
            WriteChunk(usage, choice: null);
        }

        _events.WriteRaw("data: [DONE]\n\n"u8);
        return _events.ToArray();
    }

    public void Dispose() => _events.Dispose();

    private void WriteChunk(JsonElement usage, Action<Utf8JsonWriter>? choice) => _events.Write("", json =>
    {
        WriteHead(json);
        json.WriteStartArray("choices"u8);
        choice?.Invoke(json);
        json.WriteEndArray();
        if (includeUsage)
        {
            json.WritePropertyName("usage"u8);
            if (usage.ValueKind == JsonValueKind.Undefined)
            {
                json.WriteNullValue();
            }
            else
            {
                usage.WriteTo(json);
            }
        }
    });

    // What the specification does not know is said once: it may be long.
    private void WriteHead(Utf8JsonWriter json)
    {
        foreach (JsonProperty property in answer.EnumerateObject())
        {
            bool isRepeated = property.Name is "id" or "object" or "created" or "model" or "service_tier" or "system_fingerprint";
            if (property.Name is "choices" or "usage" || (_hasBegun && !isRepeated))
            {
                continue;
            }

            if (property.NameEquals("object"u8))
            {
                json.WriteString("object"u8, kind);
            }
            else
            {
                property.WriteTo(json);
            }
        }

        _hasBegun = true;
    }
}
