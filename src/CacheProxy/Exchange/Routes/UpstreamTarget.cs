namespace CacheProxy.Exchange.Routes;

/// <summary>A server that answers. What Forward needs to reach it, Forward keeps.</summary>
public class UpstreamTarget
{
    public required string Name { get; init; }

    /// <summary>Without <c>/v1</c> and without a trailing slash.</summary>
    public required string BaseUrl { get; init; }

    /// <summary>What it is, in small letters: <c>openai</c>, <c>anthropic</c>, <c>vllm</c> …; null: not said.</summary>
    public string? Kind { get; init; }

    /// <summary>Understands the <c>X-CacheProxy-*</c> request headers; they are sent to nobody else.</summary>
    public bool IsCacheProxyAware { get; init; }

    public override string ToString() => $"{Name} ({BaseUrl})";
}
