using System.Text.Json;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Exchange.Replay;

/// <summary>Writes an answer's events as a response of OpenAI's Responses API.</summary>
internal static class ResponsesAnswerWriter
{
    /// <param name="request">Body of the request: the object says its parameters again; empty: the API's defaults.</param>
    public static void Write(Utf8JsonWriter json, CanonicalAnswer answer, ReadOnlyMemory<byte> request)
    {
        string reason = answer.Events.OfType<AnswerEvent.Finish>().LastOrDefault()?.Reason ?? "stop";
        bool isComplete = reason is "stop" or "tool_calls";
        json.WriteStartObject();
        json.WriteString("id"u8, AnswerIds.Of(answer, Dialect.OpenAIResponses));
        json.WriteString("object"u8, "response"u8);
        json.WriteNumber("created_at"u8, answer.CreatedUnixSeconds);
        json.WriteString("status"u8, isComplete ? "completed"u8 : "incomplete"u8);
        json.WriteNull("error"u8);
        if (isComplete)
        {
            json.WriteNull("incomplete_details"u8);
        }
        else
        {
            json.WriteStartObject("incomplete_details"u8);
            json.WriteString("reason"u8, reason == "length" ? "max_output_tokens" : reason);
            json.WriteEndObject();
        }

        json.WriteString("model"u8, answer.Model);
        json.WriteStartArray("output"u8);
        new OutputItemsWriter(json, answer, isComplete).Write();
        json.WriteEndArray();
        RequestEcho.Write(json, request);
        UsageWriter.WriteProperty(json, answer, Dialect.OpenAIResponses);
        json.WriteEndObject();
    }
}
