using CacheProxy.SemanticCache.Cascade;

namespace CacheProxy.Tuning;

/// <summary>A cascade with its models loaded, and what reports say of it.</summary>
public sealed class CascadeSession(PairCascade cascade, string policy, Func<string, string, double> thresholdOf, IReadOnlyList<IDisposable> owned) : IDisposable
{
    public PairCascade Cascade => cascade;

    /// <summary>Name of the policy that decides.</summary>
    public string Policy => policy;

    /// <summary>Probability from which on it serves; NaN: it has no fixed one.</summary>
    public double Threshold { get; } = thresholdOf("", "");

    /// <summary>The same for a model and a route, by the settings' rules.</summary>
    public double ThresholdOf(string model, string route) => thresholdOf(model, route);

    public void Dispose()
    {
        foreach (IDisposable part in owned)
        {
            part.Dispose();
        }
    }
}
