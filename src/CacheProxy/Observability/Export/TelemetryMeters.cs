namespace CacheProxy.Observability.Export;

/// <summary>The meters of this process that concern an operator.</summary>
public sealed record TelemetryMeters(IReadOnlyList<string> Names);
