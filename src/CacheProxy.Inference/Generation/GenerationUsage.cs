namespace CacheProxy.Inference.Generation;

/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="CachedTokens">Prompt tokens whose KV was found, not computed, on first admission.</param>
/// <param name="CompletionTokens">Tokens generated, the end-of-turn token included.</param>
public readonly record struct GenerationUsage(int PromptTokens, int CachedTokens, int CompletionTokens);
