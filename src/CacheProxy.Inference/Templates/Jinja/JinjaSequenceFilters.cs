namespace CacheProxy.Inference.Templates.Jinja;

/// <summary>Filters over lists, mappings (their keys) and strings (their characters).</summary>
internal static class JinjaSequenceFilters
{
    public static object? Apply(string id, object? value, JinjaCall call)
    {
        IReadOnlyList<object?> items = JinjaValue.Iterate(value, call.Line);
        call.Budget.Step(call.Line, items.Count / 4);
        return id switch
        {
            "first" => items.Count > 0 ? items[0] : new JinjaUndefined("the first of nothing"),
            "last" => items.Count > 0 ? items[^1] : new JinjaUndefined("the last of nothing"),
            "list" => new List<object?>(items),
            "join" => Join(items, call),
            "reverse" => value is JinjaText text ? Reverse(text, items) : items.Reverse().ToList(),
            "unique" => Unique(items),
            "sort" => Sort(items, call),
            "sum" => items.Aggregate((object)(call.Get(1, "start") ?? 0L), (sum, item) =>
                JinjaArithmetic.Apply("+", sum, Select(item, call.Named.GetValueOrDefault("attribute"), call), call.Line, call.Budget)),
            "max" => Extreme(items, call, 1),
            "min" => Extreme(items, call, -1),
            "map" => Map(items, call),
            "select" => Where(items, call, byAttribute: false, wanted: true),
            "reject" => Where(items, call, byAttribute: false, wanted: false),
            "selectattr" => Where(items, call, byAttribute: true, wanted: true),
            "rejectattr" => Where(items, call, byAttribute: true, wanted: false),
            _ => throw call.Error($"unknown filter '{id}'"),
        };
    }

    private static JinjaText Join(IReadOnlyList<object?> items, JinjaCall call)
    {
        JinjaText separator = call.Get(0, "d") is { } given ? JinjaValue.ToText(given) : JinjaText.Empty;
        object? attribute = call.Get(1, "attribute");
        return JinjaTextMethods.Join(attribute is null ? items : [.. items.Select(item => Select(item, attribute, call))], separator, call);
    }

    private static JinjaText Reverse(JinjaText text, IReadOnlyList<object?> characters)
    {
        var builder = new JinjaText.Builder();
        for (int i = characters.Count - 1; i >= 0; i--)
        {
            builder.Append((JinjaText)characters[i]!);
        }

        return text.Length == 0 ? text : builder.Build();
    }

    private static List<object?> Unique(IReadOnlyList<object?> items)
    {
        var unique = new List<object?>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (object? item in items)
        {
            if (seen.Add(JinjaValue.Represent(item)))
            {
                unique.Add(item);
            }
        }

        return unique;
    }

    private static List<object?> Sort(IReadOnlyList<object?> items, JinjaCall call)
    {
        object? attribute = call.Get(2, "attribute");
        bool descending = JinjaValue.IsTrue(call.Get(0, "reverse"));
        Comparer<object?> comparer = Comparer<object?>.Create((a, b) => JinjaValue.Compare(a, b, call.Line));
        IEnumerable<object?> sorted = descending
            ? items.OrderByDescending(item => Select(item, attribute, call), comparer)
            : items.OrderBy(item => Select(item, attribute, call), comparer);
        try
        {
            return [.. sorted];
        }
        catch (InvalidOperationException wrapped) when (wrapped.InnerException is JinjaException cause)
        {
            throw cause;
        }
    }

    private static object? Extreme(IReadOnlyList<object?> items, JinjaCall call, int sign)
    {
        object? attribute = call.Named.GetValueOrDefault("attribute");
        object? best = items.Count > 0 ? items[0] : new JinjaUndefined("the extreme of nothing");
        foreach (object? item in items)
        {
            if (sign * JinjaValue.Compare(Select(item, attribute, call), Select(best, attribute, call), call.Line) > 0)
            {
                best = item;
            }
        }

        return best;
    }

    /// <summary>map(attribute='x', default=…) or map('filter', arguments…).</summary>
    private static List<object?> Map(IReadOnlyList<object?> items, JinjaCall call)
    {
        if (call.Named.TryGetValue("attribute", out object? attribute))
        {
            bool hasDefault = call.Named.TryGetValue("default", out object? byDefault);
            return [.. items.Select(item => Select(item, attribute, call) is var value && value is JinjaUndefined && hasDefault ? byDefault : value)];
        }

        string filter = call.Text(0, "filter").Value;
        JinjaCall inner = Inner(call, 1);
        return [.. items.Select(item => JinjaFilters.Apply(filter, item, inner))];
    }

    /// <summary>select('test', arguments…), selectattr('attribute', 'test', arguments…); without a test: what is true.</summary>
    private static List<object?> Where(IReadOnlyList<object?> items, JinjaCall call, bool byAttribute, bool wanted)
    {
        int at = byAttribute ? 1 : 0;
        object? attribute = byAttribute ? call.Need(0, "attr") : null;
        string? test = call.Has(at, "test") ? TestName(call, at) : null;
        JinjaCall inner = Inner(call, at + 1);
        return [.. items.Where(item =>
        {
            object? value = Select(item, attribute, call);
            return wanted == (test is null ? JinjaValue.IsTrue(value) : JinjaTests.Apply(test, value, inner));
        })];
    }

    private static string TestName(JinjaCall call, int index) => call.Text(index, "test").Value switch
    {
        "==" => "eq",
        "!=" => "ne",
        "<" => "lt",
        "<=" => "le",
        ">" => "gt",
        ">=" => "ge",
        var name => name,
    };

    /// <summary>An attribute path ('a.b', or a number), or the item itself.</summary>
    private static object? Select(object? item, object? attribute, JinjaCall call)
    {
        if (attribute is not JinjaText path)
        {
            return attribute is null ? item : JinjaMembers.GetItem(item, attribute, call.Line);
        }

        foreach (string part in path.Value.Split('.'))
        {
            item = JinjaMembers.GetItem(item, long.TryParse(part, out long index) ? index : JinjaText.FromTemplate(part), call.Line);
        }

        return item;
    }

    private static JinjaCall Inner(JinjaCall call, int skip) =>
        new([.. call.Positional.Skip(skip)], call.Named, call.Line, call.Budget);
}
