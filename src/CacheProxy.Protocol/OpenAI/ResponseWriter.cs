using System.Buffers;
using System.Text.Json;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>Writes a response object (<c>POST /v1/responses</c>), as the answer itself or inside the events of a stream.</summary>
/// <param name="id">resp_….</param>
/// <param name="createdAt">Unix seconds.</param>
public sealed class ResponseWriter(string id, long createdAt, string model, ResponseEcho echo)
{
    /// <summary>The whole answer.</summary>
    public void Write(IBufferWriter<byte> output, ResponseState state)
    {
        using var json = new Utf8JsonWriter(output, OpenAIJson.WriterOptions);
        Write(json, state);
    }

    internal void Write(Utf8JsonWriter json, ResponseState state)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteString("object"u8, "response"u8);
        json.WriteNumber("created_at"u8, createdAt);
        json.WriteString("status"u8, state.Status);
        json.WriteBoolean("background"u8, false);
        WriteNumber(json, "completed_at", state.CompletedAt);
        WriteError(json, state.Error);
        WriteIncomplete(json, state.IncompleteReason);
        json.WriteString("instructions"u8, echo.Instructions);
        WriteNumber(json, "max_output_tokens", echo.MaxOutputTokens);
        json.WriteNull("max_tool_calls"u8);
        json.WriteString("model"u8, model);
        json.WriteStartArray("output"u8);
        foreach (ResponseItem item in state.Output)
        {
            WriteItem(json, item);
        }

        json.WriteEndArray();
        WriteEcho(json);
        WriteUsage(json, state.Usage);
        json.WriteEndObject();
    }

    internal static void WriteItem(Utf8JsonWriter json, ResponseItem item)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, item.Id);
        switch (item)
        {
            case ResponseMessage message:
                json.WriteString("type"u8, "message"u8);
                json.WriteString("status"u8, item.Status);
                json.WriteString("role"u8, "assistant"u8);
                json.WriteStartArray("content"u8);
                if (item.Status != ResponseState.InProgress)
                {
                    WritePart(json, message.Text, message.LogProbs);
                }

                json.WriteEndArray();
                break;
            case ResponseFunctionCall call:
                json.WriteString("type"u8, "function_call"u8);
                json.WriteString("status"u8, item.Status);
                json.WriteString("arguments"u8, call.Arguments);
                json.WriteString("call_id"u8, call.CallId);
                json.WriteString("name"u8, call.Name);
                break;
        }

        json.WriteEndObject();
    }

    internal static void WritePart(Utf8JsonWriter json, string text, ChatLogProbs? logProbs)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "output_text"u8);
        json.WriteString("text"u8, text);
        json.WriteStartArray("annotations"u8);
        json.WriteEndArray();
        WriteLogProbs(json, logProbs);
        json.WriteEndObject();
    }

    internal static void WriteLogProbs(Utf8JsonWriter json, ChatLogProbs? logProbs)
    {
        json.WriteStartArray("logprobs"u8);
        foreach (ChatTokenLogProb token in logProbs?.Content ?? [])
        {
            JsonSerializer.Serialize(json, token, OpenAIJson.Default.ChatTokenLogProb);
        }

        json.WriteEndArray();
    }

    private static void WriteError(Utf8JsonWriter json, RequestError? error)
    {
        if (error is null)
        {
            json.WriteNull("error"u8);
            return;
        }

        json.WriteStartObject("error"u8);
        json.WriteString("code"u8, "server_error"u8);
        json.WriteString("message"u8, error.Message);
        json.WriteEndObject();
    }

    private static void WriteIncomplete(Utf8JsonWriter json, string? reason)
    {
        if (reason is null)
        {
            json.WriteNull("incomplete_details"u8);
            return;
        }

        json.WriteStartObject("incomplete_details"u8);
        json.WriteString("reason"u8, reason);
        json.WriteEndObject();
    }

    private void WriteEcho(Utf8JsonWriter json)
    {
        json.WriteBoolean("parallel_tool_calls"u8, echo.ParallelToolCalls);
        json.WriteNull("previous_response_id"u8);
        json.WriteStartObject("reasoning"u8);
        json.WriteNull("effort"u8);
        json.WriteNull("summary"u8);
        json.WriteEndObject();
        json.WriteString("service_tier"u8, "default"u8);
        json.WriteBoolean("store"u8, false);
        json.WriteNumber("temperature"u8, echo.Temperature);
        WriteRaw(json, "text", echo.Text);
        WriteRaw(json, "tool_choice", echo.ToolChoice);
        WriteRaw(json, "tools", echo.Tools);
        json.WriteNumber("top_logprobs"u8, echo.TopLogProbs);
        json.WriteNumber("top_p"u8, echo.TopP);
        json.WriteString("truncation"u8, echo.Truncation);
        WriteRaw(json, "metadata", echo.Metadata);
    }

    private static void WriteUsage(Utf8JsonWriter json, Usage? usage)
    {
        if (usage is null)
        {
            json.WriteNull("usage"u8);
            return;
        }

        json.WriteStartObject("usage"u8);
        json.WriteNumber("input_tokens"u8, usage.PromptTokens);
        json.WriteStartObject("input_tokens_details"u8);
        json.WriteNumber("cached_tokens"u8, usage.PromptTokensDetails?.CachedTokens ?? 0);
        json.WriteEndObject();
        json.WriteNumber("output_tokens"u8, usage.CompletionTokens);
        json.WriteStartObject("output_tokens_details"u8);
        json.WriteNumber("reasoning_tokens"u8, usage.CompletionTokensDetails?.ReasoningTokens ?? 0);
        json.WriteEndObject();
        json.WriteNumber("total_tokens"u8, usage.TotalTokens);
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void WriteRaw(Utf8JsonWriter json, string name, string value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value, skipInputValidation: true);
    }
}
