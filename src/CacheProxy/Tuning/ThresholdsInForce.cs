using CacheProxy.SemanticCache.Policies;

namespace CacheProxy.Tuning;

/// <summary>The probabilities from which on the running proxy serves semantic hits, by its settings of now.</summary>
/// <param name="measured">The one of the bundled models, where the settings name none.</param>
public sealed class ThresholdsInForce(ScopeRules rules, Lazy<double> measured)
{
    /// <summary>Of requests that name no tenant's, namespace's or tag's rule.</summary>
    /// <param name="model">Empty: any.</param>
    /// <param name="route">Empty: any.</param>
    /// <exception cref="InvalidDataException">The bundled models' coefficients cannot be read.</exception>
    public double Of(string model, string route) => rules.For(new PolicyScope("", model, route, "", [], default, default)).Threshold ?? measured.Value;
}
