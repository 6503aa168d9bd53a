namespace CacheProxy.Forward.Upstreams;

/// <summary>What an upstream takes in the body to find, or to keep apart, what it has computed of a prompt.</summary>
internal enum CacheHint
{
    None,

    /// <summary><c>prompt_cache_key</c> (OpenAI): requests with one key are sent to the machine that has their prompt's beginning.</summary>
    PromptCacheKey,

    /// <summary><c>cache_salt</c> (vLLM): blocks are shared under the same salt only.</summary>
    CacheSalt,
}
