namespace CacheProxy.Exchange.Prompts;

/// <summary>How a request wants OpenAI to keep its prompt (<c>prompt_cache_retention</c>, <c>prompt_cache_options</c>).</summary>
public enum PromptRetention : byte
{
    /// <summary>As the model does.</summary>
    Default,

    /// <summary><c>"24h"</c>.</summary>
    Day,

    /// <summary>Only where the prompt is marked (<c>"mode":"explicit"</c>).</summary>
    Explicit,
}
