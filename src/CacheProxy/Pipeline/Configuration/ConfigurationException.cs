namespace CacheProxy.Pipeline.Configuration;

/// <summary>The configuration cannot be used. The message lists every fault, one a line.</summary>
public sealed class ConfigurationException(IReadOnlyCollection<string> faults)
    : Exception("The configuration cannot be used:" + string.Concat(faults.Select(fault => $"{Environment.NewLine}  {fault}")))
{
    public IReadOnlyCollection<string> Faults { get; } = faults;
}
