using System.Buffers;
using System.Text.Json;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>
/// Writes the JSON of a streamed response's events and counts them. One per answer; reuses one writer, because an event is written per token.
/// The order: <see cref="WriteState"/> as created and in_progress; for each item <see cref="WriteItemAdded"/>, its deltas, its done events,
/// <see cref="WriteItemDone"/>; then the state as completed, incomplete or failed. A message has one part, of index 0.
/// </summary>
/// <remarks>Every method answers the event's type, for the <c>event:</c> line.</remarks>
public sealed class ResponseEventWriter(ResponseWriter response) : IDisposable
{
    // A writer needs some output from its birth; every call points it at the one given.
    private readonly Utf8JsonWriter _json = new(Stream.Null, OpenAIJson.WriterOptions);
    private long _sequence;

    /// <param name="type">response.created, response.in_progress, response.completed, response.incomplete or response.failed.</param>
    public string WriteState(IBufferWriter<byte> output, string type, ResponseState state)
    {
        Begin(output, type);
        _json.WritePropertyName("response"u8);
        response.Write(_json, state);
        return End(type);
    }

    /// <param name="item">Without its text or arguments, which the deltas bring.</param>
    public string WriteItemAdded(IBufferWriter<byte> output, int index, ResponseItem item)
        => WriteItem(output, "response.output_item.added", index, item with { Status = ResponseState.InProgress });

    public string WriteItemDone(IBufferWriter<byte> output, int index, ResponseItem item)
        => WriteItem(output, "response.output_item.done", index, item);

    public string WritePartAdded(IBufferWriter<byte> output, int index, ResponseMessage message)
        => WritePart(output, "response.content_part.added", index, message);

    public string WritePartDone(IBufferWriter<byte> output, int index, ResponseMessage message)
        => WritePart(output, "response.content_part.done", index, message);

    public string WriteTextDelta(IBufferWriter<byte> output, int index, string itemId, ReadOnlySpan<char> delta, ChatLogProbs? logProbs)
    {
        const string Type = "response.output_text.delta";
        BeginOf(output, Type, index, itemId);
        _json.WriteNumber("content_index"u8, 0);
        _json.WriteString("delta"u8, delta);
        ResponseWriter.WriteLogProbs(_json, logProbs);
        return End(Type);
    }

    public string WriteTextDone(IBufferWriter<byte> output, int index, ResponseMessage message)
    {
        const string Type = "response.output_text.done";
        BeginOf(output, Type, index, message.Id);
        _json.WriteNumber("content_index"u8, 0);
        _json.WriteString("text"u8, message.Text);
        ResponseWriter.WriteLogProbs(_json, message.LogProbs);
        return End(Type);
    }

    public string WriteArgumentsDelta(IBufferWriter<byte> output, int index, string itemId, ReadOnlySpan<char> delta)
    {
        const string Type = "response.function_call_arguments.delta";
        BeginOf(output, Type, index, itemId);
        _json.WriteString("delta"u8, delta);
        return End(Type);
    }

    public string WriteArgumentsDone(IBufferWriter<byte> output, int index, ResponseFunctionCall call)
    {
        const string Type = "response.function_call_arguments.done";
        BeginOf(output, Type, index, call.Id);
        _json.WriteString("name"u8, call.Name);
        _json.WriteString("arguments"u8, call.Arguments);
        return End(Type);
    }

    public void Dispose() => _json.Dispose();

    private string WriteItem(IBufferWriter<byte> output, string type, int index, ResponseItem item)
    {
        Begin(output, type);
        _json.WriteNumber("output_index"u8, index);
        _json.WritePropertyName("item"u8);
        ResponseWriter.WriteItem(_json, item);
        return End(type);
    }

    private string WritePart(IBufferWriter<byte> output, string type, int index, ResponseMessage message)
    {
        BeginOf(output, type, index, message.Id);
        _json.WriteNumber("content_index"u8, 0);
        _json.WritePropertyName("part"u8);
        ResponseWriter.WritePart(_json, message.Text, message.LogProbs);
        return End(type);
    }

    private void BeginOf(IBufferWriter<byte> output, string type, int index, string itemId)
    {
        Begin(output, type);
        _json.WriteString("item_id"u8, itemId);
        _json.WriteNumber("output_index"u8, index);
    }

    private void Begin(IBufferWriter<byte> output, string type)
    {
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteString("type"u8, type);
        _json.WriteNumber("sequence_number"u8, _sequence++);
    }

    private string End(string type)
    {
        _json.WriteEndObject();
        _json.Flush();
        return type;
    }
}
