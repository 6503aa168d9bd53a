using System.Text.Json;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Exchange.Replay;

/// <summary>Writes an answer's events as a chat completion.</summary>
internal static class ChatAnswerWriter
{
    public static void Write(Utf8JsonWriter json, CanonicalAnswer answer)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, AnswerIds.Of(answer, Dialect.OpenAIChat));
        json.WriteString("object"u8, "chat.completion"u8);
        json.WriteNumber("created"u8, answer.CreatedUnixSeconds);
        json.WriteString("model"u8, answer.Model);
        json.WriteStartArray("choices"u8);
        bool isOwn = answer.Body.Dialect == Dialect.OpenAIChat;
        foreach (IGrouping<int, AnswerEvent> choice in EventChoices.Of(answer))
        {
            WriteChoice(json, choice.Key, [.. choice], isOwn);
        }

        json.WriteEndArray();
        UsageWriter.WriteProperty(json, answer, Dialect.OpenAIChat);
        if (isOwn && answer.SystemFingerprint is { } fingerprint)
        {
            json.WriteString("system_fingerprint"u8, fingerprint);
        }

        json.WriteEndObject();
    }

    private static void WriteChoice(Utf8JsonWriter json, int index, AnswerEvent[] events, bool isOwn)
    {
        json.WriteStartObject();
        json.WriteNumber("index"u8, index);
        json.WriteStartObject("message"u8);
        json.WriteString("role"u8, "assistant"u8);
        // Null and empty differ to clients: a message of tool calls has no content at all.
        json.WriteString("content"u8, Joined(events.OfType<AnswerEvent.TextDelta>().Select(item => item.Text)));
        if (Joined(events.OfType<AnswerEvent.ReasoningDelta>().Select(item => item.Text)) is { } reasoning)
        {
            json.WriteString("reasoning_content"u8, reasoning);
        }

        json.WriteString("refusal"u8, Joined(events.OfType<AnswerEvent.RefusalDelta>().Select(item => item.Text)));
        WriteCalls(json, [.. events.OfType<AnswerEvent.ToolCallDelta>()]);
        WriteAnnotations(json, [.. events.OfType<AnswerEvent.Annotation>()]);
        if (isOwn)
        {
            WriteFurther(json, events);
        }

        json.WriteEndObject();
        json.WritePropertyName("logprobs"u8);
        json.WriteRawValue(events.OfType<AnswerEvent.LogProbs>().LastOrDefault()?.Json ?? "null");
        json.WriteString("finish_reason"u8, events.OfType<AnswerEvent.Finish>().LastOrDefault()?.Reason);
        json.WriteEndObject();
    }

    private static string? Joined(IEnumerable<string> pieces)
    {
        string[] texts = [.. pieces];
        return texts.Length == 0 ? null : string.Concat(texts);
    }

    private static void WriteCalls(Utf8JsonWriter json, AnswerEvent.ToolCallDelta[] calls)
    {
        if (calls.Length == 0)
        {
            return;
        }

        json.WriteStartArray("tool_calls"u8);
        foreach (AnswerEvent.ToolCallDelta call in calls)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, call.CallId ?? "");
            json.WriteString("type"u8, "function"u8);
            json.WriteStartObject("function"u8);
            json.WriteString("name"u8, call.Name ?? "");
            json.WriteString("arguments"u8, call.Arguments);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteAnnotations(Utf8JsonWriter json, AnswerEvent.Annotation[] annotations)
    {
        if (annotations.Length == 0)
        {
            return;
        }

        json.WriteStartArray("annotations"u8);
        Array.ForEach(annotations, annotation => json.WriteRawValue(annotation.Json));
        json.WriteEndArray();
    }

    private static void WriteFurther(Utf8JsonWriter json, AnswerEvent[] events)
    {
        foreach (AnswerEvent.Item item in events.OfType<AnswerEvent.Item>())
        {
            using JsonDocument fields = JsonDocument.Parse(item.Json);
            foreach (JsonProperty property in fields.RootElement.EnumerateObject())
            {
                property.WriteTo(json);
            }
        }
    }
}
