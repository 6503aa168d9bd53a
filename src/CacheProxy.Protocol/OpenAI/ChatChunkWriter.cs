using System.Buffers;
using System.Text.Json;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>
/// Writes the JSON of a streamed chat answer's events. One per answer; reuses one writer, because an event is written per token.
/// The order of an answer: for each choice <see cref="WriteRole"/>, any <see cref="WriteContent"/>, <see cref="WriteFinish"/>; then
/// <see cref="WriteUsage"/> where asked for.
/// </summary>
/// <param name="created">Unix seconds.</param>
/// <param name="includeUsage">Events carry <c>"usage":null</c>, as they do where the request asked for usage.</param>
public sealed class ChatChunkWriter(string id, long created, string model, string? systemFingerprint, bool includeUsage) : IDisposable
{
    // A writer needs some output from its birth; every call points it at the one given.
    private readonly Utf8JsonWriter _json = new(Stream.Null, OpenAIJson.WriterOptions);
    private readonly JsonEncodedText _id = JsonEncodedText.Encode(id, OpenAIJson.WriterOptions.Encoder);
    private readonly JsonEncodedText _model = JsonEncodedText.Encode(model, OpenAIJson.WriterOptions.Encoder);

    /// <summary>The first event of a choice.</summary>
    public void WriteRole(IBufferWriter<byte> output, int choice, string role = "assistant")
    {
        BeginChoice(output, choice);
        _json.WriteString("role"u8, role);
        _json.WriteString("content"u8, ""u8);
        _json.WriteNull("refusal"u8);
        EndChoice(null, null);
    }

    /// <param name="logProbs">Null: none were asked for.</param>
    public void WriteContent(IBufferWriter<byte> output, int choice, ReadOnlySpan<char> text, ChatLogProbs? logProbs = null)
    {
        BeginChoice(output, choice);
        _json.WriteString("content"u8, text);
        EndChoice(logProbs, null);
    }

    /// <summary>The first event of a call; its arguments follow in pieces.</summary>
    /// <param name="index">Of the call within the choice, from 0.</param>
    public void WriteToolCall(IBufferWriter<byte> output, int choice, int index, string id, string name)
    {
        BeginToolCall(output, choice, index);
        _json.WriteString("id"u8, id);
        _json.WriteString("type"u8, "function"u8);
        _json.WriteStartObject("function"u8);
        _json.WriteString("name"u8, name);
        _json.WriteString("arguments"u8, ""u8);
        EndToolCall();
    }

    /// <summary>A piece of the arguments' JSON text.</summary>
    public void WriteToolArguments(IBufferWriter<byte> output, int choice, int index, ReadOnlySpan<char> arguments)
    {
        BeginToolCall(output, choice, index);
        _json.WriteStartObject("function"u8);
        _json.WriteString("arguments"u8, arguments);
        EndToolCall();
    }

    /// <param name="reason">stop, length, tool_calls or content_filter.</param>
    public void WriteFinish(IBufferWriter<byte> output, int choice, string reason)
    {
        BeginChoice(output, choice);
        EndChoice(null, reason);
    }

    /// <summary>The event with no choice that carries the usage of the whole answer.</summary>
    public void WriteUsage(IBufferWriter<byte> output, Usage usage)
    {
        BeginEvent(output);
        _json.WriteEndArray();
        _json.WritePropertyName("usage"u8);
        JsonSerializer.Serialize(_json, usage, OpenAIJson.Default.Usage);
        _json.WriteEndObject();
        _json.Flush();
    }

    public void Dispose() => _json.Dispose();

    private void BeginEvent(IBufferWriter<byte> output)
    {
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteString("id"u8, _id);
        _json.WriteString("object"u8, "chat.completion.chunk"u8);
        _json.WriteNumber("created"u8, created);
        _json.WriteString("model"u8, _model);
        _json.WriteString("system_fingerprint"u8, systemFingerprint);
        _json.WriteStartArray("choices"u8);
    }

    private void BeginChoice(IBufferWriter<byte> output, int choice)
    {
        BeginEvent(output);
        _json.WriteStartObject();
        _json.WriteNumber("index"u8, choice);
        _json.WriteStartObject("delta"u8);
    }

    private void BeginToolCall(IBufferWriter<byte> output, int choice, int index)
    {
        BeginChoice(output, choice);
        _json.WriteStartArray("tool_calls"u8);
        _json.WriteStartObject();
        _json.WriteNumber("index"u8, index);
    }

    private void EndToolCall()
    {
        _json.WriteEndObject();
        _json.WriteEndObject();
        _json.WriteEndArray();
        EndChoice(null, null);
    }

    private void EndChoice(ChatLogProbs? logProbs, string? finishReason)
    {
        _json.WriteEndObject();
        _json.WritePropertyName("logprobs"u8);
        if (logProbs is null)
        {
            _json.WriteNullValue();
        }
        else
        {
            JsonSerializer.Serialize(_json, logProbs, OpenAIJson.Default.ChatLogProbs);
        }

        _json.WriteString("finish_reason"u8, finishReason);
        _json.WriteEndObject();
        _json.WriteEndArray();
        if (includeUsage)
        {
            _json.WriteNull("usage"u8);
        }

        _json.WriteEndObject();
        _json.Flush();
    }
}
