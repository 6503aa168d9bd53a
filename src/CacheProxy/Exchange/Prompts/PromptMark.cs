namespace CacheProxy.Exchange.Prompts;

/// <summary>What a client asks of the provider's own cache at some place of the prompt: <c>cache_control</c> (Anthropic), <c>prompt_cache_breakpoint</c> (OpenAI).</summary>
public enum PromptMark : byte
{
    None,

    /// <summary>To be kept up to here, for as long as the provider keeps such by default.</summary>
    Default,

    /// <summary>To be kept up to here for an hour (<c>"ttl":"1h"</c>).</summary>
    Hour,
}
