using System.Buffers;
using System.Text.Json;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Protocol.Anthropic;

/// <summary>Writes the answer of <c>POST /v1/messages</c>, as the answer itself or as the head of a stream.</summary>
/// <param name="id">msg_….</param>
public sealed class MessageWriter(string id, string model)
{
    /// <summary>The whole answer.</summary>
    public void Write(IBufferWriter<byte> output, IReadOnlyList<MessageBlock> content, MessageEnd end)
    {
        using var json = new Utf8JsonWriter(output, OpenAIJson.WriterOptions);
        Write(json, content, end.StopReason, end.StopSequence, end.Usage);
    }

    internal void Write(Utf8JsonWriter json, IReadOnlyList<MessageBlock> content, string? stopReason, string? stopSequence, MessageUsage usage)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteString("type"u8, "message"u8);
        json.WriteString("role"u8, "assistant"u8);
        json.WriteString("model"u8, model);
        json.WriteStartArray("content"u8);
        foreach (MessageBlock block in content)
        {
            WriteBlock(json, block);
        }

        json.WriteEndArray();
        json.WriteString("stop_reason"u8, stopReason);
        json.WriteString("stop_sequence"u8, stopSequence);
        usage.Write(json);
        json.WriteEndObject();
    }

    internal static void WriteBlock(Utf8JsonWriter json, MessageBlock block)
    {
        json.WriteStartObject();
        switch (block)
        {
            case MessageText text:
                json.WriteString("type"u8, "text"u8);
                json.WriteString("text"u8, text.Text);
                break;
            case MessageToolUse call:
                json.WriteString("type"u8, "tool_use"u8);
                json.WriteString("id"u8, call.Id);
                json.WriteString("name"u8, call.Name);
                json.WritePropertyName("input"u8);
                json.WriteRawValue(call.Input, skipInputValidation: true);
                break;
        }

        json.WriteEndObject();
    }
}
