namespace CacheProxy.Observability.Export;

/// <summary>What of this process concerns an operator.</summary>
/// <param name="Meters">Names of the meters.</param>
/// <param name="Spans">Names of the sources of spans.</param>
public sealed record TelemetrySources(IReadOnlyList<string> Meters, IReadOnlyList<string> Spans);
