using System.Buffers;
using System.Text.Json;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>Writes the JSON of a streamed text completion's events. One per answer; reuses one writer.</summary>
/// <param name="created">Unix seconds.</param>
/// <param name="includeUsage">Events carry <c>"usage":null</c>, as they do where the request asked for usage.</param>
public sealed class CompletionChunkWriter(string id, long created, string model, string? systemFingerprint, bool includeUsage) : IDisposable
{
    private readonly Utf8JsonWriter _json = new(Stream.Null, OpenAIJson.WriterOptions);

    public void WriteChoice(IBufferWriter<byte> output, CompletionChoice choice)
    {
        BeginEvent(output);
        JsonSerializer.Serialize(_json, choice, OpenAIJson.Default.CompletionChoice);
        _json.WriteEndArray();
        if (includeUsage)
        {
            _json.WriteNull("usage"u8);
        }

        EndEvent();
    }

    /// <summary>The event with no choice that carries the usage of the whole answer.</summary>
    public void WriteUsage(IBufferWriter<byte> output, Usage usage)
    {
        BeginEvent(output);
        _json.WriteEndArray();
        _json.WritePropertyName("usage"u8);
        JsonSerializer.Serialize(_json, usage, OpenAIJson.Default.Usage);
        EndEvent();
    }

    public void Dispose() => _json.Dispose();

    private void BeginEvent(IBufferWriter<byte> output)
    {
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteString("id"u8, id);
        _json.WriteString("object"u8, "text_completion"u8);
        _json.WriteNumber("created"u8, created);
        _json.WriteString("model"u8, model);
        _json.WriteString("system_fingerprint"u8, systemFingerprint);
        _json.WriteStartArray("choices"u8);
    }

    private void EndEvent()
    {
        _json.WriteEndObject();
        _json.Flush();
    }
}
