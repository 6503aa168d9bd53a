using System.Text.Json;
using CacheProxy.Exchange;

namespace CacheProxy.PrefixTag;

/// <summary>Where a dialect has the parts of its prompt.</summary>
/// <param name="Turns">The list of turns; empty: the dialect has none.</param>
/// <param name="System">The instructions in front of them; empty: they are turns too.</param>
/// <param name="HasItems">What is in the list has a <c>type</c>, and what the provider says of its own answers beside what was said.</param>
internal sealed record PromptFields(byte[] Turns, byte[] System, bool HasItems)
{
    private static readonly PromptFields Chat = new([.. "messages"u8], [], HasItems: false);
    private static readonly PromptFields Responses = new([.. "input"u8], [.. "instructions"u8], HasItems: true);
    private static readonly PromptFields Messages = new([.. "messages"u8], [.. "system"u8], HasItems: false);
    private static readonly PromptFields None = new([], [], HasItems: false);

    public static PromptFields Of(Dialect dialect) => dialect switch
    {
        Dialect.OpenAIChat => Chat,
        Dialect.OpenAIResponses => Responses,
        Dialect.AnthropicMessages => Messages,
        _ => None,
    };

    /// <param name="reader">Stands on the name of a member of the request.</param>
    public PromptField Which(ref Utf8JsonReader reader)
    {
        if (Turns.Length > 0 && reader.ValueTextEquals(Turns))
        {
            return PromptField.Turns;
        }

        if (System.Length > 0 && reader.ValueTextEquals(System))
        {
            return PromptField.System;
        }

        return reader.ValueTextEquals("tools"u8) ? PromptField.Tools
            : reader.ValueTextEquals("functions"u8) ? PromptField.Functions
            : reader.ValueTextEquals("cache_control"u8) ? PromptField.CacheControl
            : reader.ValueTextEquals("prompt_cache_retention"u8) ? PromptField.Retention
            : reader.ValueTextEquals("prompt_cache_options"u8) ? PromptField.CacheOptions
            : PromptField.None;
    }
}
