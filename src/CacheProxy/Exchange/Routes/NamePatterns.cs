namespace CacheProxy.Exchange.Routes;

/// <summary>A comma-separated list of names, of which each may end in <c>*</c>.</summary>
public sealed class NamePatterns(string list)
{
    private readonly string[] _patterns = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The names without <c>*</c>: what a list of models can show.</summary>
    public IEnumerable<string> Names => _patterns.Where(pattern => !pattern.EndsWith('*'));

    public bool IsEmpty => _patterns.Length == 0;

    public bool Fit(string name)
    {
        foreach (string pattern in _patterns)
        {
            if (pattern.EndsWith('*') ? name.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal) : name == pattern)
            {
                return true;
            }
        }

        return false;
    }
}
