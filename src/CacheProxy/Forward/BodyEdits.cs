namespace CacheProxy.Forward;

/// <summary>What one destination needs changed in a request's body. The default value: nothing.</summary>
internal readonly record struct BodyEdits
{
    /// <summary>Takes the place of <c>model</c>.</summary>
    public string? Model { get; init; }

    /// <summary>Sets <c>stream_options.include_usage</c>.</summary>
    public bool AddsUsage { get; init; }

    /// <summary>Added as <c>prompt_cache_key</c> where there is none.</summary>
    public string? PromptCacheKey { get; init; }

    /// <summary>Added as <c>cache_salt</c> where there is none.</summary>
    public string? CacheSalt { get; init; }

    /// <summary>Marks the last block of <c>system</c> with <c>cache_control</c> where nothing is marked.</summary>
    public bool MarksSystem { get; init; }

    public bool IsNothing => Model is null && !AddsUsage && PromptCacheKey is null && CacheSalt is null && !MarksSystem;
}
