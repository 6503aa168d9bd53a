using System.Text.Json;

namespace CacheProxy.Protocol.Anthropic;

/// <summary>Tokens that a message took. The prompt's are the sum of <paramref name="InputTokens"/> and <paramref name="CacheReadTokens"/>.</summary>
/// <param name="InputTokens">Prompt tokens that were computed.</param>
/// <param name="CacheReadTokens">Prompt tokens that were found and not computed.</param>
public readonly record struct MessageUsage(long InputTokens, long CacheReadTokens, long OutputTokens)
{
    /// <param name="cachedTokens">Those of the prompt that were not computed.</param>
    public static MessageUsage Of(long promptTokens, long cachedTokens, long outputTokens) => new(promptTokens - cachedTokens, cachedTokens, outputTokens);

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("usage"u8);
        json.WriteNumber("input_tokens"u8, InputTokens);
        json.WriteNumber("cache_creation_input_tokens"u8, 0);
        json.WriteNumber("cache_read_input_tokens"u8, CacheReadTokens);
        json.WriteNumber("output_tokens"u8, OutputTokens);
        json.WriteEndObject();
    }
}
