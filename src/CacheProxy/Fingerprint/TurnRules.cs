using CacheProxy.Exchange;

namespace CacheProxy.Fingerprint;

/// <summary>How a dialect writes the turns of its conversation.</summary>
/// <param name="Dialect">Whose they are.</param>
/// <param name="TextType">The <c>type</c> of a part that stands for the same as a plain string, in a user's turn.</param>
/// <param name="OmitsCacheControl">A block's <c>cache_control</c> is about the provider's own cache, not about the question.</param>
/// <param name="HasItems">What is in the list has a <c>type</c>, and not all of it is messages.</param>
internal sealed record TurnRules(Dialect Dialect, byte[] TextType, bool OmitsCacheControl, bool HasItems)
{
    public static TurnRules Chat { get; } = new(Dialect.OpenAIChat, [.. "text"u8], false, false);

    public static TurnRules Responses { get; } = new(Dialect.OpenAIResponses, [.. "input_text"u8], false, true);

    public static TurnRules Messages { get; } = new(Dialect.AnthropicMessages, [.. "text"u8], true, false);
}
