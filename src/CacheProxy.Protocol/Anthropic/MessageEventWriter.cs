using System.Buffers;
using System.Text.Json;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Protocol.Anthropic;

/// <summary>
/// Writes the JSON of a streamed message's events. One per answer; reuses one writer, because an event is written per token.
/// The order: <see cref="WriteStart"/>, <see cref="WritePing"/>; for each block <see cref="WriteBlockStart"/>, its deltas,
/// <see cref="WriteBlockStop"/>; then <see cref="WriteDelta"/> and <see cref="WriteStop"/>.
/// </summary>
/// <remarks>Every method answers the event's type, for the <c>event:</c> line.</remarks>
public sealed class MessageEventWriter(MessageWriter message) : IDisposable
{
    // A writer needs some output from its birth; every call points it at the one given.
    private readonly Utf8JsonWriter _json = new(Stream.Null, OpenAIJson.WriterOptions);

    /// <param name="usage">What is known before the first token.</param>
    public string WriteStart(IBufferWriter<byte> output, MessageUsage usage)
    {
        const string Type = "message_start";
        Begin(output, Type);
        _json.WritePropertyName("message"u8);
        message.Write(_json, [], stopReason: null, stopSequence: null, usage);
        return End(Type);
    }

    public string WritePing(IBufferWriter<byte> output)
    {
        const string Type = "ping";
        Begin(output, Type);
        return End(Type);
    }

    /// <param name="block">Without its text or input, which the deltas bring.</param>
    public string WriteBlockStart(IBufferWriter<byte> output, int index, MessageBlock block)
    {
        const string Type = "content_block_start";
        BeginOf(output, Type, index);
        _json.WritePropertyName("content_block"u8);
        MessageWriter.WriteBlock(_json, block);
        return End(Type);
    }

    public string WriteTextDelta(IBufferWriter<byte> output, int index, ReadOnlySpan<char> text)
    {
        BeginDelta(output, index);
        _json.WriteString("type"u8, "text_delta"u8);
        _json.WriteString("text"u8, text);
        return EndDelta();
    }

    /// <param name="json">A piece of the input's JSON text.</param>
    public string WriteInputDelta(IBufferWriter<byte> output, int index, ReadOnlySpan<char> json)
    {
        BeginDelta(output, index);
        _json.WriteString("type"u8, "input_json_delta"u8);
        _json.WriteString("partial_json"u8, json);
        return EndDelta();
    }

    public string WriteBlockStop(IBufferWriter<byte> output, int index)
    {
        const string Type = "content_block_stop";
        BeginOf(output, Type, index);
        return End(Type);
    }

    public string WriteDelta(IBufferWriter<byte> output, MessageEnd end)
    {
        const string Type = "message_delta";
        Begin(output, Type);
        _json.WriteStartObject("delta"u8);
        _json.WriteString("stop_reason"u8, end.StopReason);
        _json.WriteString("stop_sequence"u8, end.StopSequence);
        _json.WriteEndObject();
        end.Usage.Write(_json);
        return End(Type);
    }

    public string WriteStop(IBufferWriter<byte> output)
    {
        const string Type = "message_stop";
        Begin(output, Type);
        return End(Type);
    }

    public void Dispose() => _json.Dispose();

    private void BeginDelta(IBufferWriter<byte> output, int index)
    {
        BeginOf(output, "content_block_delta", index);
        _json.WriteStartObject("delta"u8);
    }

    private string EndDelta()
    {
        _json.WriteEndObject();
        return End("content_block_delta");
    }

    private void BeginOf(IBufferWriter<byte> output, string type, int index)
    {
        Begin(output, type);
        _json.WriteNumber("index"u8, index);
    }

    private void Begin(IBufferWriter<byte> output, string type)
    {
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteString("type"u8, type);
    }

    private string End(string type)
    {
        _json.WriteEndObject();
        _json.Flush();
        return type;
    }
}
