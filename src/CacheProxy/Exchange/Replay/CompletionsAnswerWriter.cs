using System.Text.Json;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Exchange.Replay;

/// <summary>Writes an answer's events as a completion. Only text has a place in it.</summary>
internal static class CompletionsAnswerWriter
{
    public static void Write(Utf8JsonWriter json, CanonicalAnswer answer)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, AnswerIds.Of(answer, Dialect.OpenAICompletions));
        json.WriteString("object"u8, "text_completion"u8);
        json.WriteNumber("created"u8, answer.CreatedUnixSeconds);
        json.WriteString("model"u8, answer.Model);
        json.WriteStartArray("choices"u8);
        foreach (IGrouping<int, AnswerEvent> choice in EventChoices.Of(answer))
        {
            json.WriteStartObject();
            json.WriteString("text"u8, string.Concat(choice.OfType<AnswerEvent.TextDelta>().Select(item => item.Text)));
            json.WriteNumber("index"u8, choice.Key);
            json.WritePropertyName("logprobs"u8);
            json.WriteRawValue(choice.OfType<AnswerEvent.LogProbs>().LastOrDefault()?.Json ?? "null");
            json.WriteString("finish_reason"u8, choice.OfType<AnswerEvent.Finish>().LastOrDefault()?.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        UsageWriter.WriteProperty(json, answer, Dialect.OpenAICompletions);
        if (answer.SystemFingerprint is { } fingerprint)
        {
            json.WriteString("system_fingerprint"u8, fingerprint);
        }

        json.WriteEndObject();
    }
}
