namespace CacheProxy.TestKit;

/// <param name="Suffix">What its name has behind the family's.</param>
/// <param name="Exemplar">Labels; null: it has none.</param>
public sealed record OpenMetricsSample(string Suffix, Dictionary<string, string> Labels, double Value, Dictionary<string, string>? Exemplar, double ExemplarValue);
