namespace CacheProxy.Dashboard.Api;

/// <summary>Tokens by class. <paramref name="Prompt"/> holds all of the prompts, those read from and written to a provider's cache too.</summary>
/// <param name="Reasoning">Of the completions.</param>
/// <param name="Saved">Prompt and completion tokens of the answers that were served from the cache.</param>
public sealed record TokensView(long Prompt, long Completion, long CachedRead, long CacheWrite, long CacheWriteHour, long Reasoning, long Saved);
