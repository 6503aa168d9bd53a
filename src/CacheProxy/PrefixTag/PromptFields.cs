using CacheProxy.Exchange;
using CacheProxy.Fingerprint;

namespace CacheProxy.PrefixTag;

/// <summary>Where a dialect has the parts of its prompt.</summary>
/// <param name="Turns">The list of turns; empty: the dialect has none.</param>
/// <param name="System">The instructions in front of them; empty: they are turns too.</param>
/// <param name="Blocks">Writes them.</param>
internal sealed record PromptFields(byte[] Turns, byte[] System, BlockWriter Blocks)
{
    private static readonly PromptFields Chat = new([.. "messages"u8], [], new BlockWriter(TurnRules.Chat));
    private static readonly PromptFields Responses = new([.. "input"u8], [.. "instructions"u8], new BlockWriter(TurnRules.Responses));
    private static readonly PromptFields Messages = new([.. "messages"u8], [.. "system"u8], new BlockWriter(TurnRules.Messages));
    private static readonly PromptFields None = new([], [], new BlockWriter(TurnRules.Chat));

    public static PromptFields Of(Dialect dialect) => dialect switch
    {
        Dialect.OpenAIChat => Chat,
        Dialect.OpenAIResponses => Responses,
        Dialect.AnthropicMessages => Messages,
        _ => None,
    };
}
