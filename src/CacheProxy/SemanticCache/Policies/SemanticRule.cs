using System.ComponentModel.DataAnnotations;

namespace CacheProxy.SemanticCache.Policies;

/// <summary>
/// One element of <c>Semantic:Rules</c>: other settings for the requests that meet all of its conditions. The first rule that a request meets
/// counts; what it does not set, and requests that meet none, have the section's own settings. In a condition a <c>*</c> at the end stands for
/// any ending; empty: any.
/// </summary>
public sealed class SemanticRule
{
    /// <summary>The model as the client names it.</summary>
    public string Model { get; set; } = "";

    /// <summary>The name of the route that the model takes.</summary>
    public string Route { get; set; } = "";

    /// <summary>The scope's hash as <c>/admin/entries</c> shows it; its first 12 digits and a <c>*</c> are enough.</summary>
    public string Tenant { get; set; } = "";

    /// <summary>The request's <c>X-CacheProxy-Namespace</c>.</summary>
    public string Namespace { get; set; } = "";

    /// <summary>One of the request's <c>X-CacheProxy-Tags</c>.</summary>
    public string Tag { get; set; } = "";

    /// <summary>In place of <see cref="SemanticOptions.Policy"/>.</summary>
    public string Policy { get; set; } = "";

    /// <summary>In place of <see cref="SemanticOptions.Shadow"/>.</summary>
    public string Shadow { get; set; } = "";

    /// <summary>In place of <see cref="SemanticOptions.Threshold"/>.</summary>
    [Range(0.0, 1.0)]
    public double? Threshold { get; set; }

    /// <summary>In place of <see cref="SemanticOptions.MinimumSimilarity"/>, where it is higher.</summary>
    [Range(0.6, 1.0)]
    public float? MinimumSimilarity { get; set; }

    /// <summary>In place of <see cref="SemanticOptions.ErrorBound"/>.</summary>
    [Range(0.0001, 0.5)]
    public double? ErrorBound { get; set; }

    /// <summary>In place of <see cref="SemanticOptions.ServedErrorBound"/>.</summary>
    [Range(0.0001, 0.5)]
    public double? ServedErrorBound { get; set; }

    /// <summary>In place of <see cref="SemanticOptions.AuditShare"/>.</summary>
    [Range(0.0, 1.0)]
    public double? AuditShare { get; set; }

    internal bool HasCondition => (Model.Length | Route.Length | Tenant.Length | Namespace.Length | Tag.Length) > 0;

    internal bool Fits(in PolicyScope scope)
        => Fits(Model, scope.Model) && Fits(Route, scope.Route) && Fits(Tenant, scope.Tenant) && Fits(Namespace, scope.Namespace) && FitsOne(Tag, scope.Tags);

    private static bool FitsOne(string pattern, IReadOnlyList<string> texts)
    {
        for (int i = 0; i < texts.Count; i++)
        {
            if (Fits(pattern, texts[i]))
            {
                return true;
            }
        }

        return pattern.Length == 0;
    }

    private static bool Fits(string pattern, string text)
        => pattern.Length == 0 || (pattern[^1] == '*' ? text.AsSpan().StartsWith(pattern.AsSpan(..^1), StringComparison.Ordinal) : pattern == text);
}
