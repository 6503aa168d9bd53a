namespace CacheProxy.SemanticCache;

/// <summary>The steps of a look-up, in order.</summary>
internal enum LookupStep
{
    Wait,
    Prefilter,
    Embed,
    Search,
    Guard,
    Verify,
    Fetch,
}
