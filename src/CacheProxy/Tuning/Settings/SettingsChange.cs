namespace CacheProxy.Tuning.Settings;

/// <param name="Path">As <c>Semantic:Threshold</c>.</param>
/// <param name="Before">As it is written; null: it is not there.</param>
/// <param name="After">As it will be written.</param>
public sealed record SettingsChange(string Path, string? Before, string After);
