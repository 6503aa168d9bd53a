using System.Text;
using System.Text.Json;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Exchange.Replay;

/// <summary>Writes one choice of a chat completion, whole or as one delta.</summary>
internal static class ChatChoiceWriter
{
    /// <param name="events">Those of this choice, in order.</param>
    public static void Write(Utf8JsonWriter json, int choice, IReadOnlyList<AnswerEvent> events)
    {
        json.WriteStartObject();
        json.WriteNumber("index"u8, choice);
        json.WriteStartObject("message"u8);
        json.WriteString("role"u8, "assistant"u8);
        // Null and empty differ to clients: a message of tool calls has no content at all.
        WriteText(json, "content"u8, events.OfType<AnswerEvent.TextDelta>().Select(e => e.Text), writeNull: true);
        WriteText(json, "reasoning_content"u8, events.OfType<AnswerEvent.ReasoningDelta>().Select(e => e.Text), writeNull: false);
        WriteText(json, "refusal"u8, events.OfType<AnswerEvent.RefusalDelta>().Select(e => e.Text), writeNull: true);
        WriteToolCalls(json, [.. events.OfType<AnswerEvent.ToolCallDelta>()]);
        WriteRaw(json, "annotations"u8, [.. events.OfType<AnswerEvent.Annotation>().Select(e => e.Json)]);
        json.WriteEndObject();
        json.WritePropertyName("logprobs"u8);
        WriteLogProbs(json, [.. events.OfType<AnswerEvent.LogProbs>().Select(e => e.Json)]);
        json.WriteString("finish_reason"u8, events.OfType<AnswerEvent.Finish>().LastOrDefault()?.Reason);
        json.WriteEndObject();
    }

    /// <param name="isFirst">The choice's first chunk: it carries the role.</param>
    public static void WriteDelta(Utf8JsonWriter json, AnswerEvent item, AnswerEvent.LogProbs? logProbs, bool isFirst)
    {
        (int choice, string? finish) = item switch
        {
            AnswerEvent.TextDelta e => (e.Choice, null),
            AnswerEvent.ReasoningDelta e => (e.Choice, null),
            AnswerEvent.RefusalDelta e => (e.Choice, null),
            AnswerEvent.ToolCallDelta e => (e.Choice, null),
            AnswerEvent.Annotation e => (e.Choice, null),
            AnswerEvent.LogProbs e => (e.Choice, null),
            AnswerEvent.Finish e => (e.Choice, (string?)e.Reason),
            _ => throw new InvalidOperationException($"{item.GetType().Name} is no delta of a choice."),
        };
        json.WriteStartObject();
        json.WriteNumber("index"u8, choice);
        json.WriteStartObject("delta"u8);
        if (isFirst)
        {
            json.WriteString("role"u8, "assistant"u8);
        }

        if (isFirst && item is not AnswerEvent.TextDelta)
        {
            json.WriteNull("content"u8);
        }
        else
        {
            WriteDeltaFields(json, item);
        }

        json.WriteEndObject();
        json.WritePropertyName("logprobs"u8);
        json.WriteRawValue(logProbs?.Json ?? "null");
        json.WriteString("finish_reason"u8, finish);
        json.WriteEndObject();
    }

    private static void WriteDeltaFields(Utf8JsonWriter json, AnswerEvent item)
    {
        switch (item)
        {
            case AnswerEvent.TextDelta text:
                json.WriteString("content"u8, text.Text);
                break;
            case AnswerEvent.ReasoningDelta reasoning:
                json.WriteString("reasoning_content"u8, reasoning.Text);
                break;
            case AnswerEvent.RefusalDelta refusal:
                json.WriteString("refusal"u8, refusal.Text);
                break;
            case AnswerEvent.Annotation annotation:
                WriteRaw(json, "annotations"u8, [annotation.Json]);
                break;
            case AnswerEvent.ToolCallDelta call:
                json.WriteStartArray("tool_calls"u8);
                json.WriteStartObject();
                json.WriteNumber("index"u8, call.Index);
                WriteCall(json, call.CallId, call.Name, call.Arguments);
                json.WriteEndObject();
                json.WriteEndArray();
                break;
        }
    }

    private static void WriteToolCalls(Utf8JsonWriter json, IReadOnlyList<AnswerEvent.ToolCallDelta> deltas)
    {
        if (deltas.Count == 0)
        {
            return;
        }

        json.WriteStartArray("tool_calls"u8);
        foreach (IGrouping<int, AnswerEvent.ToolCallDelta> call in deltas.GroupBy(d => d.Index).OrderBy(g => g.Key))
        {
            json.WriteStartObject();
            WriteCall(
                json,
                call.Select(d => d.CallId).FirstOrDefault(id => id is not null) ?? "",
                call.Select(d => d.Name).FirstOrDefault(name => name is not null) ?? "",
                string.Concat(call.Select(d => d.Arguments)));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteCall(Utf8JsonWriter json, string? id, string? name, string arguments)
    {
        if (id is not null)
        {
            json.WriteString("id"u8, id);
            json.WriteString("type"u8, "function"u8);
        }

        json.WriteStartObject("function"u8);
        if (name is not null)
        {
            json.WriteString("name"u8, name);
        }

        json.WriteString("arguments"u8, arguments);
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, IEnumerable<string> pieces, bool writeNull)
    {
        StringBuilder? text = null;
        foreach (string piece in pieces)
        {
            (text ??= new StringBuilder()).Append(piece);
        }

        if (text is not null)
        {
            json.WriteString(name, text.ToString());
        }
        else if (writeNull)
        {
            json.WriteNull(name);
        }
    }

    private static void WriteRaw(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteRawValue(value);
        }

        json.WriteEndArray();
    }

    // A stream brings {"content":[…one token…]} per step; an object has one list of all.
    private static void WriteLogProbs(Utf8JsonWriter json, IReadOnlyList<string> steps)
    {
        if (steps.Count <= 1)
        {
            json.WriteRawValue(steps.Count == 0 ? "null" : steps[0]);
            return;
        }

        JsonDocument[] documents = [.. steps.Select(step => JsonDocument.Parse(step))];
        json.WriteStartObject();
        foreach (string list in (string[])["content", "refusal"])
        {
            JsonElement[] items = [.. documents
                .Select(d => d.RootElement.TryGetProperty(list, out JsonElement value) ? value : default)
                .Where(value => value.ValueKind == JsonValueKind.Array)
                .SelectMany(value => value.EnumerateArray())];
            json.WritePropertyName(list);
            if (items.Length == 0)
            {
                json.WriteNullValue();
                continue;
            }

            json.WriteStartArray();
            Array.ForEach(items, item => item.WriteTo(json));
            json.WriteEndArray();
        }

        json.WriteEndObject();
        Array.ForEach(documents, document => document.Dispose());
    }
}
