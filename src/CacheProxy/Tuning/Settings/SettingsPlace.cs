namespace CacheProxy.Tuning.Settings;

/// <summary>Where the running proxy's settings come from.</summary>
/// <param name="Path">The file; null: there is none.</param>
/// <param name="IsOverridden">Whether a setting, as <c>Semantic:Threshold</c>, comes from the environment, so that the file says nothing about it.</param>
/// <param name="FaultsOf">What is wrong with a text in the place of the file; empty: nothing, the proxy would take it.</param>
public sealed record SettingsPlace(string? Path, Func<string, bool> IsOverridden, Func<string, IReadOnlyCollection<string>> FaultsOf);
