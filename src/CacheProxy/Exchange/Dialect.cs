namespace CacheProxy.Exchange;

/// <summary>The API that a request speaks.</summary>
public enum Dialect
{
    OpenAIChat,
    OpenAICompletions,
    OpenAIEmbeddings,
    OpenAIResponses,
    AnthropicMessages,
}
