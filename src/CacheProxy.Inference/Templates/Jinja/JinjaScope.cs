namespace CacheProxy.Inference.Templates.Jinja;

/// <summary>Names of one loop body or macro; what is not here is looked for outside. Setting never reaches outside.</summary>
internal sealed class JinjaScope(JinjaScope? outer)
{
    private readonly Dictionary<string, object?> _values = new(StringComparer.Ordinal);

    public object? Get(string name)
    {
        for (JinjaScope? scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._values.TryGetValue(name, out object? value))
            {
                return value;
            }
        }

        return new JinjaUndefined(name);
    }

    public void Set(string name, object? value) => _values[name] = value;

    private JinjaScope? Outer { get; } = outer;
}
