using System.Text.Json;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Exchange.Replay;

/// <summary>Writes an answer's events as a message of Anthropic's API.</summary>
internal static class MessagesAnswerWriter
{
    public static void Write(Utf8JsonWriter json, CanonicalAnswer answer)
    {
        bool isOwn = answer.Body.Dialect == Dialect.AnthropicMessages;
        json.WriteStartObject();
        json.WriteString("id"u8, AnswerIds.Of(answer, Dialect.AnthropicMessages));
        json.WriteString("type"u8, "message"u8);
        json.WriteString("role"u8, "assistant"u8);
        json.WriteString("model"u8, answer.Model);
        json.WriteStartArray("content"u8);
        for (int i = 0; i < answer.Events.Count; i++)
        {
            WriteBlock(json, answer.Events, i, isOwn);
        }

        json.WriteEndArray();
        AnswerEvent.Finish? finish = answer.Events.OfType<AnswerEvent.Finish>().LastOrDefault();
        json.WriteString("stop_reason"u8, finish is null ? null : WordOf(finish));
        json.WriteString("stop_sequence"u8, finish?.Detail);
        UsageWriter.WriteProperty(json, answer, Dialect.AnthropicMessages);
        json.WriteEndObject();
    }

    private static void WriteBlock(Utf8JsonWriter json, IReadOnlyList<AnswerEvent> events, int index, bool isOwn)
    {
        switch (events[index])
        {
            // Chat's empty content beside calls; the API takes no empty text back.
            case AnswerEvent.TextDelta { Text: "" } when !isOwn:
                break;
            case AnswerEvent.TextDelta text:
                json.WriteStartObject();
                json.WriteString("type"u8, "text"u8);
                json.WriteString("text"u8, text.Text);
                WriteCitations(json, [.. events.Skip(index + 1).TakeWhile(item => item is AnswerEvent.Annotation).Cast<AnswerEvent.Annotation>()]);
                json.WriteEndObject();
                break;
            case AnswerEvent.ReasoningDelta reasoning:
                json.WriteStartObject();
                json.WriteString("type"u8, "thinking"u8);
                json.WriteString("thinking"u8, reasoning.Text);
                json.WriteString("signature"u8, ""u8);
                json.WriteEndObject();
                break;
            case AnswerEvent.ToolCallDelta call:
                json.WriteStartObject();
                json.WriteString("type"u8, "tool_use"u8);
                json.WriteString("id"u8, call.CallId);
                json.WriteString("name"u8, call.Name);
                json.WritePropertyName("input"u8);
                json.WriteRawValue(call.Arguments.Length == 0 ? "{}" : call.Arguments);
                json.WriteEndObject();
                break;
            case AnswerEvent.Item item when isOwn:
                json.WriteRawValue(item.Json);
                break;
        }
    }

    private static void WriteCitations(Utf8JsonWriter json, AnswerEvent.Annotation[] citations)
    {
        if (citations.Length == 0)
        {
            return;
        }

        json.WriteStartArray("citations"u8);
        Array.ForEach(citations, citation => json.WriteRawValue(citation.Json));
        json.WriteEndArray();
    }

    private static string WordOf(AnswerEvent.Finish finish) => finish.Reason switch
    {
        "stop" => finish.Detail is null ? "end_turn" : "stop_sequence",
        "length" => "max_tokens",
        "tool_calls" => "tool_use",
        "content_filter" => "refusal",
        _ => finish.Reason,
    };
}
