using System.Text.Json;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Exchange.Replay;

/// <summary>Writes the token counts under a dialect's names and by its arithmetic.</summary>
internal static class UsageWriter
{
    /// <summary>The <c>usage</c> property; none where the answer has no counts.</summary>
    public static void WriteProperty(Utf8JsonWriter json, CanonicalAnswer answer, Dialect dialect)
    {
        if (answer.Events.OfType<AnswerEvent.Usage>().LastOrDefault() is not { } usage)
        {
            return;
        }

        json.WritePropertyName("usage"u8);
        if (answer.Body.Dialect == dialect)
        {
            json.WriteRawValue(usage.Json);
            return;
        }

        json.WriteStartObject();
        if (dialect == Dialect.AnthropicMessages)
        {
            WriteMessages(json, usage);
        }
        else if (dialect == Dialect.OpenAIResponses)
        {
            WriteResponses(json, usage);
        }
        else
        {
            WriteChat(json, usage);
        }

        json.WriteEndObject();
    }

    private static void WriteChat(Utf8JsonWriter json, AnswerEvent.Usage usage)
    {
        json.WriteNumber("prompt_tokens"u8, usage.PromptTokens);
        json.WriteNumber("completion_tokens"u8, usage.CompletionTokens);
        json.WriteNumber("total_tokens"u8, usage.PromptTokens + usage.CompletionTokens);
        json.WriteStartObject("prompt_tokens_details"u8);
        json.WriteNumber("cached_tokens"u8, usage.CachedTokens);
        json.WriteEndObject();
        json.WriteStartObject("completion_tokens_details"u8);
        json.WriteNumber("reasoning_tokens"u8, usage.ReasoningTokens);
        json.WriteEndObject();
    }

    private static void WriteResponses(Utf8JsonWriter json, AnswerEvent.Usage usage)
    {
        json.WriteNumber("input_tokens"u8, usage.PromptTokens);
        json.WriteStartObject("input_tokens_details"u8);
        json.WriteNumber("cached_tokens"u8, usage.CachedTokens);
        json.WriteNumber("cache_write_tokens"u8, usage.CacheWriteTokens);
        json.WriteEndObject();
        json.WriteNumber("output_tokens"u8, usage.CompletionTokens);
        json.WriteStartObject("output_tokens_details"u8);
        json.WriteNumber("reasoning_tokens"u8, usage.ReasoningTokens);
        json.WriteEndObject();
        json.WriteNumber("total_tokens"u8, usage.PromptTokens + usage.CompletionTokens);
    }

    // input_tokens leave out what the provider's cache read or wrote.
    private static void WriteMessages(Utf8JsonWriter json, AnswerEvent.Usage usage)
    {
        json.WriteNumber("input_tokens"u8, Math.Max(0, usage.PromptTokens - usage.CachedTokens - usage.CacheWriteTokens));
        json.WriteNumber("cache_creation_input_tokens"u8, usage.CacheWriteTokens);
        json.WriteNumber("cache_read_input_tokens"u8, usage.CachedTokens);
        json.WriteNumber("output_tokens"u8, usage.CompletionTokens);
    }
}
