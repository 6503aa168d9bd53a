namespace CacheProxy.Inference.Templates.Jinja;

/// <summary>Arguments of one call, evaluated.</summary>
internal sealed class JinjaCall(IReadOnlyList<object?> positional, IReadOnlyDictionary<string, object?> named, int line, JinjaBudget budget)
{
    public IReadOnlyList<object?> Positional { get; } = positional;

    public IReadOnlyDictionary<string, object?> Named { get; } = named;

    public int Line { get; } = line;

    public JinjaBudget Budget { get; } = budget;

    public bool Has(int index, string name) => index < Positional.Count || Named.ContainsKey(name);

    /// <summary>An argument by place or name, or null.</summary>
    public object? Get(int index, string name) =>
        index < Positional.Count ? Positional[index] : Named.TryGetValue(name, out object? value) ? value : null;

    public object? Need(int index, string name) => Has(index, name) ? Get(index, name) : throw Error($"argument '{name}' is missing");

    public JinjaText Text(int index, string name) =>
        Need(index, name) as JinjaText ?? throw Error($"argument '{name}' has to be a string");

    public long Integer(int index, string name, long otherwise) => Get(index, name) switch
    {
        null => otherwise,
        long integer => integer,
        bool flag => flag ? 1 : 0,
        _ => throw Error($"argument '{name}' has to be an integer"),
    };

    public JinjaException Error(string problem) => new(problem + ".", Line);
}

/// <summary>Something a template can call.</summary>
internal sealed record JinjaFunction(string Id, Func<JinjaCall, object?> Invoke);
