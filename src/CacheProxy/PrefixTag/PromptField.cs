namespace CacheProxy.PrefixTag;

/// <summary>Members of a request that its prompt, or the provider's cache of it, is told by.</summary>
internal enum PromptField
{
    None,
    Tools,
    Functions,
    System,
    Turns,
    CacheControl,
    Retention,
    CacheOptions,
}
