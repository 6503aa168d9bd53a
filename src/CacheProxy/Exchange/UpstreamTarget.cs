namespace CacheProxy.Exchange;

/// <summary>Where a model's requests go. Its name is part of every fingerprint: two upstreams may give one name to different models.</summary>
public sealed class UpstreamTarget
{
    public required string Name { get; init; }

    /// <summary>Without <c>/v1</c> and without a trailing slash.</summary>
    public required string BaseUrl { get; init; }

    /// <summary>Replaces the client's credentials upstream; null: the client's own go through. Never logged.</summary>
    public string? ApiKey { get; init; }

    /// <summary>The header that carries <see cref="ApiKey"/>.</summary>
    public string ApiKeyHeader { get; init; } = "Authorization";

    /// <summary>Understands the <c>X-CacheProxy-*</c> request headers; they are sent to nobody else.</summary>
    public bool IsCacheProxyAware { get; init; }

    public override string ToString() => $"{Name} ({BaseUrl})";
}
