namespace CacheProxy.Inference.Templates.Jinja;

/// <summary>A mapping with its keys in order of insertion, as Python's dict.</summary>
internal class JinjaMap
{
    private readonly Dictionary<string, object?> _values = new(StringComparer.Ordinal);
    private readonly List<JinjaText> _keys = [];

    public int Count => _keys.Count;

    public IReadOnlyList<JinjaText> Keys => _keys;

    public object? this[string key] => _values[key];

    public bool TryGet(string key, out object? value) => _values.TryGetValue(key, out value);

    public bool Contains(string key) => _values.ContainsKey(key);

    public void Set(JinjaText key, object? value)
    {
        if (!_values.ContainsKey(key.Value))
        {
            _keys.Add(key);
        }

        _values[key.Value] = value;
    }

    public void Set(string key, object? value) => Set(JinjaText.FromTemplate(key), value);
}

/// <summary>The one thing that a template can assign attributes of, which outlives the scopes of its loops.</summary>
internal sealed class JinjaNamespace : JinjaMap;
