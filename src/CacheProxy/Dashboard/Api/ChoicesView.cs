namespace CacheProxy.Dashboard.Api;

/// <summary>What the filters can be set to: the names that were seen in the range, those with most requests first, at most a hundred of each.</summary>
public sealed record ChoicesView(RangeView Range, IReadOnlyList<string> Tenants, IReadOnlyList<string> Models, IReadOnlyList<string> Upstreams, string? Notice);
