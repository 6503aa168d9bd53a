namespace CacheProxy.Inference.Templates.Jinja;

/// <summary>Attributes, subscripts and slices.</summary>
internal static class JinjaMembers
{
    /// <summary>target.name: a method first, then an entry.</summary>
    public static object? GetAttribute(object? target, string name, int line)
    {
        switch (target)
        {
            case JinjaUndefined undefined:
                throw new JinjaException($"'{undefined.Id}' is undefined and has no '{name}'.", line);
            case JinjaText text:
                return (object?)JinjaTextMethods.Find(text, name) ?? new JinjaUndefined(name);
            case JinjaNamespace holder:
                return holder.TryGet(name, out object? held) ? held : new JinjaUndefined(name);
            case JinjaMap map:
                return (object?)FindMapMethod(map, name) ?? (map.TryGet(name, out object? value) ? value : new JinjaUndefined(name));
            default:
                return new JinjaUndefined(name);
        }
    }

    /// <summary>target[key]: an entry; a method where there is none.</summary>
    public static object? GetItem(object? target, object? key, int line) => (target, key) switch
    {
        (JinjaUndefined undefined, _) => throw new JinjaException($"'{undefined.Id}' is undefined and has no entries.", line),
        (JinjaMap map, JinjaText name) => map.TryGet(name.Value, out object? value) ? value : GetAttribute(target, name.Value, line),
        (List<object?> list, long index) => Resolve(index, list.Count) is { } at ? list[at] : new JinjaUndefined($"element {index}"),
        (JinjaText text, long index) => JinjaValue.Iterate(text, line) is var all && Resolve(index, all.Count) is { } at ? all[at] : new JinjaUndefined($"character {index}"),
        (_, JinjaText name) => GetAttribute(target, name.Value, line),
        _ => new JinjaUndefined(JinjaValue.Represent(key)),
    };

    public static object Slice(object? target, long? start, long? stop, long step, int line, JinjaBudget budget)
    {
        if (step == 0)
        {
            throw new JinjaException("a slice step of zero.", line);
        }

        if (target is JinjaText text)
        {
            return SliceText(text, start, stop, step, line, budget);
        }

        List<object?> list = [.. JinjaValue.Iterate(target, line)];
        budget.Step(line, list.Count / 4);
        return Indices(list.Count, start, stop, step).Select(index => list[index]).ToList();
    }

    private static JinjaText SliceText(JinjaText text, long? start, long? stop, long step, int line, JinjaBudget budget)
    {
        budget.Reserve(line, text.Length);
        if (step == 1 && !text.Value.Any(char.IsSurrogate))
        {
            int from = (int)Clamp(start ?? 0, text.Length);
            int to = (int)Clamp(stop ?? text.Length, text.Length);
            return text.Slice(from, Math.Max(0, to - from));
        }

        var builder = new JinjaText.Builder();
        IReadOnlyList<object?> characters = JinjaValue.Iterate(text, line);
        foreach (int index in Indices(characters.Count, start, stop, step))
        {
            builder.Append((JinjaText)characters[index]!);
        }

        return builder.Build();
    }

    private static IEnumerable<int> Indices(int count, long? start, long? stop, long step)
    {
        if (step > 0)
        {
            long end = Clamp(stop ?? count, count);
            for (long index = Clamp(start ?? 0, count); index < end; index += step)
            {
                yield return (int)index;
            }
        }
        else
        {
            long end = stop is null ? -1 : Math.Max(-1, stop.Value < 0 ? stop.Value + count : stop.Value);
            long first = start is null ? count - 1 : Math.Min(count - 1, start.Value < 0 ? start.Value + count : start.Value);
            for (long index = first; index > end && index >= 0; index += step)
            {
                yield return (int)index;
            }
        }
    }

    private static long Clamp(long bound, int count) => Math.Clamp(bound < 0 ? bound + count : bound, 0, count);

    private static int? Resolve(long index, int count)
    {
        long at = index < 0 ? index + count : index;
        return at >= 0 && at < count ? (int)at : null;
    }

    private static JinjaFunction? FindMapMethod(JinjaMap map, string name) => name switch
    {
        "items" => new JinjaFunction(name, _ => ItemsOf(map)),
        "keys" => new JinjaFunction(name, _ => new List<object?>(map.Keys)),
        "values" => new JinjaFunction(name, _ => map.Keys.Select(key => map[key.Value]).ToList()),
        "get" => new JinjaFunction(name, call => map.TryGet(call.Text(0, "key").Value, out object? value) ? value : call.Get(1, "default")),
        _ => null,
    };

    public static List<object?> ItemsOf(JinjaMap map) => [.. map.Keys.Select(key => new List<object?> { key, map[key.Value] })];
}
