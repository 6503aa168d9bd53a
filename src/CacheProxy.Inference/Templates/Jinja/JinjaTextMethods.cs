using System.Globalization;

namespace CacheProxy.Inference.Templates.Jinja;

/// <summary>Python's string methods, as far as chat templates use them.</summary>
internal static class JinjaTextMethods
{
    public static JinjaFunction? Find(JinjaText text, string name)
    {
        Func<JinjaCall, object?>? method = name switch
        {
            "strip" => call => Strip(text, call.Get(0, "chars"), true, true),
            "lstrip" => call => Strip(text, call.Get(0, "chars"), true, false),
            "rstrip" => call => Strip(text, call.Get(0, "chars"), false, true),
            "startswith" => call => MatchesAny(call, prefix => text.Value.StartsWith(prefix, StringComparison.Ordinal)),
            "endswith" => call => MatchesAny(call, suffix => text.Value.EndsWith(suffix, StringComparison.Ordinal)),
            "removeprefix" => call => text.Value.StartsWith(call.Text(0, "prefix").Value, StringComparison.Ordinal)
                ? text.Slice(call.Text(0, "prefix").Length, text.Length - call.Text(0, "prefix").Length)
                : text,
            "removesuffix" => call => text.Value.EndsWith(call.Text(0, "suffix").Value, StringComparison.Ordinal)
                ? text.Slice(0, text.Length - call.Text(0, "suffix").Length)
                : text,
            "split" => call => Split(text, call, fromRight: false),
            "rsplit" => call => Split(text, call, fromRight: true),
            "splitlines" => _ => SplitLines(text),
            "upper" => _ => text.Derive(text.Value.ToUpperInvariant()),
            "lower" => _ => text.Derive(text.Value.ToLowerInvariant()),
            "title" => _ => Title(text),
            "capitalize" => _ => Capitalize(text),
            "replace" => call => Replace(text, call),
            "find" => call => (long)text.Value.IndexOf(call.Text(0, "sub").Value, StringComparison.Ordinal),
            "rfind" => call => (long)text.Value.LastIndexOf(call.Text(0, "sub").Value, StringComparison.Ordinal),
            "count" => call => (long)text.Value.AsSpan().Count(call.Text(0, "sub").Value),
            "join" => call => Join(JinjaValue.Iterate(call.Need(0, "iterable"), call.Line), text, call),
            "isdigit" => _ => text.Length > 0 && text.Value.All(char.IsDigit),
            "isspace" => _ => text.Length > 0 && text.Value.All(char.IsWhiteSpace),
            "isupper" => _ => text.Value.Any(char.IsUpper) && !text.Value.Any(char.IsLower),
            "islower" => _ => text.Value.Any(char.IsLower) && !text.Value.Any(char.IsUpper),
            _ => null,
        };
        return method is null ? null : new JinjaFunction(name, method);
    }

    /// <param name="chars">Null: white space.</param>
    public static JinjaText Strip(JinjaText text, object? chars, bool left, bool right)
    {
        string? set = (chars as JinjaText)?.Value;
        bool Goes(char c) => set?.Contains(c, StringComparison.Ordinal) ?? char.IsWhiteSpace(c);
        int start = 0;
        int end = text.Length;
        while (left && start < end && Goes(text.Value[start]))
        {
            start++;
        }

        while (right && end > start && Goes(text.Value[end - 1]))
        {
            end--;
        }

        return text.Slice(start, end - start);
    }

    public static JinjaText Join(IReadOnlyList<object?> items, JinjaText separator, JinjaCall call)
    {
        var builder = new JinjaText.Builder();
        for (int i = 0; i < items.Count; i++)
        {
            JinjaText item = JinjaValue.ToText(items[i]);
            call.Budget.Step(call.Line, 1 + ((item.Length + separator.Length) / 16));
            call.Budget.CheckSize(call.Line, (long)builder.Length + item.Length + separator.Length);
            builder.Append(i == 0 ? JinjaText.Empty : separator).Append(item);
        }

        return builder.Build();
    }

    /// <summary>Keeps the origin of what it does not replace; the replacement brings its own.</summary>
    public static JinjaText Replace(JinjaText text, JinjaCall call)
    {
        JinjaText old = call.Text(0, "old");
        JinjaText with = call.Text(1, "new");
        long limit = call.Integer(2, "count", -1);
        if (old.Length == 0)
        {
            throw call.Error("the text to replace is empty");
        }

        var builder = new JinjaText.Builder();
        int from = 0;
        for (int at; limit != 0 && (at = text.Value.IndexOf(old.Value, from, StringComparison.Ordinal)) >= 0; limit--)
        {
            call.Budget.Step(call.Line, 1 + (with.Length / 16));
            call.Budget.CheckSize(call.Line, (long)builder.Length + text.Length + with.Length);
            builder.Append(text.Slice(from, at - from)).Append(with);
            from = at + old.Length;
        }

        return from == 0 ? text : builder.Append(text.Slice(from, text.Length - from)).Build();
    }

    public static JinjaText Capitalize(JinjaText text) =>
        text.Length == 0 ? text : text.Derive(char.ToUpperInvariant(text.Value[0]) + text.Value[1..].ToLowerInvariant());

    public static JinjaText Title(JinjaText text) =>
        text.Derive(CultureInfo.InvariantCulture.TextInfo.ToTitleCase(text.Value.ToLowerInvariant()));

    private static object MatchesAny(JinjaCall call, Func<string, bool> matches) => call.Need(0, "prefix") switch
    {
        JinjaText one => matches(one.Value),
        List<object?> several => several.Any(item => item is JinjaText part && matches(part.Value)),
        _ => throw call.Error("expected a string or several"),
    };

    private static List<object?> Split(JinjaText text, JinjaCall call, bool fromRight)
    {
        long limit = call.Integer(1, "maxsplit", -1);
        call.Budget.Reserve(call.Line, text.Length);
        if (call.Get(0, "sep") is not JinjaText separator)
        {
            return SplitWords(text, limit);
        }

        if (separator.Length == 0)
        {
            throw call.Error("the separator is empty");
        }

        var borders = new List<int>();
        string value = text.Value;
        int at = fromRight ? value.LastIndexOf(separator.Value, StringComparison.Ordinal) : value.IndexOf(separator.Value, StringComparison.Ordinal);
        for (; at >= 0 && limit != 0; limit--)
        {
            borders.Add(at);
            at = fromRight
                ? (at == 0 ? -1 : value.LastIndexOf(separator.Value, at - 1, StringComparison.Ordinal))
                : value.IndexOf(separator.Value, at + separator.Length, StringComparison.Ordinal);
        }

        borders.Sort();
        var parts = new List<object?>();
        int from = 0;
        foreach (int border in borders)
        {
            parts.Add(text.Slice(from, border - from));
            from = border + separator.Length;
        }

        parts.Add(text.Slice(from, text.Length - from));
        return parts;
    }

    private static List<object?> SplitWords(JinjaText text, long limit)
    {
        var words = new List<object?>();
        int at = 0;
        while (true)
        {
            while (at < text.Length && char.IsWhiteSpace(text.Value[at]))
            {
                at++;
            }

            if (at == text.Length)
            {
                return words;
            }

            int start = at;
            while (at < text.Length && (limit == words.Count || !char.IsWhiteSpace(text.Value[at])))
            {
                at++;
            }

            words.Add(text.Slice(start, at - start));
        }
    }

    private static List<object?> SplitLines(JinjaText text)
    {
        var lines = new List<object?>();
        int start = 0;
        while (start < text.Length)
        {
            int length = text.Value.AsSpan(start).IndexOfAny('\n', '\r');
            length = length < 0 ? text.Length - start : length;
            lines.Add(text.Slice(start, length));
            start += length;
            start += text.Value.AsSpan(start).StartsWith("\r\n") ? 2 : 1;
        }

        return lines;
    }
}
