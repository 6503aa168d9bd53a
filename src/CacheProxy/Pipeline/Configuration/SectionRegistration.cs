namespace CacheProxy.Pipeline.Configuration;

/// <summary>A section that some stage owns, so that the start can check all of them and refuse what none of them owns.</summary>
/// <param name="Check">Adds the section's faults.</param>
public sealed record SectionRegistration(string Name, Action<IConfiguration, List<string>> Check);
