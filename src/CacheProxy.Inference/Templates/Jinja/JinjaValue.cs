using System.Globalization;
using System.Text;

namespace CacheProxy.Inference.Templates.Jinja;

/// <summary>
/// Python's rules for the values of a template, which are: null, bool, long, double, <see cref="JinjaText"/>,
/// List&lt;object?&gt;, <see cref="JinjaMap"/>, <see cref="JinjaFunction"/>, <see cref="JinjaUndefined"/>.
/// </summary>
internal static class JinjaValue
{
    public static bool IsTrue(object? value) => value switch
    {
        null or JinjaUndefined => false,
        bool flag => flag,
        long integer => integer != 0,
        double number => number != 0,
        JinjaText text => text.Length > 0,
        List<object?> list => list.Count > 0,
        JinjaNamespace => true,
        JinjaMap map => map.Count > 0,
        _ => true,
    };

    public static bool AreEqual(object? left, object? right) => (left, right) switch
    {
        (JinjaText a, JinjaText b) => a.Value == b.Value,
        (List<object?> a, List<object?> b) => a.Count == b.Count && a.Zip(b).All(pair => AreEqual(pair.First, pair.Second)),
        (JinjaNamespace, _) or (_, JinjaNamespace) => ReferenceEquals(left, right),
        (JinjaMap a, JinjaMap b) => a.Count == b.Count && a.Keys.All(key => b.TryGet(key.Value, out object? other) && AreEqual(a[key.Value], other)),
        (JinjaUndefined, JinjaUndefined) => true,
        (JinjaFunction a, JinjaFunction b) => ReferenceEquals(a, b),
        (long a, long b) => a == b,
        _ when AsNumber(left) is { } a && AsNumber(right) is { } b => a == b,
        _ => left is null && right is null,
    };

    public static int Compare(object? left, object? right, int line) => (left, right) switch
    {
        (JinjaText a, JinjaText b) => string.CompareOrdinal(a.Value, b.Value),
        (long a, long b) => a.CompareTo(b),
        _ when AsNumber(left) is { } a && AsNumber(right) is { } b => a.CompareTo(b),
        _ => throw new JinjaException($"{NameOf(left)} and {NameOf(right)} have no order.", line),
    };

    /// <summary>Numbers and, as in Python, booleans.</summary>
    public static double? AsNumber(object? value) => value switch
    {
        long integer => integer,
        double number => number,
        bool flag => flag ? 1 : 0,
        _ => null,
    };

    public static bool Contains(object? container, object? item, int line) => container switch
    {
        JinjaText text => item is JinjaText part
            ? text.Value.Contains(part.Value, StringComparison.Ordinal)
            : throw new JinjaException($"{NameOf(item)} cannot be looked for in a string.", line),
        List<object?> list => list.Exists(element => AreEqual(element, item)),
        JinjaMap map => item is JinjaText key && map.Contains(key.Value),
        JinjaUndefined => false,
        _ => throw new JinjaException($"nothing can be looked for in {NameOf(container)}.", line),
    };

    /// <summary>The elements a loop goes through.</summary>
    public static IReadOnlyList<object?> Iterate(object? value, int line) => value switch
    {
        List<object?> list => list,
        JinjaMap map => [.. map.Keys],
        JinjaText text => [.. CharactersOf(text)],
        JinjaUndefined => [],
        _ => throw new JinjaException($"{NameOf(value)} cannot be iterated.", line),
    };

    /// <summary>What a value prints as.</summary>
    public static JinjaText ToText(object? value) => value switch
    {
        JinjaText text => text,
        JinjaUndefined => JinjaText.Empty,
        _ => IsFromTemplate(value) ? JinjaText.FromTemplate(Represent(value)) : JinjaText.FromInput(Represent(value)),
    };

    /// <summary>Whether no part of the value came in with the messages. Numbers and booleans print nothing that could do harm.</summary>
    public static bool IsFromTemplate(object? value) => value switch
    {
        JinjaText text => text.IsAllTemplate,
        List<object?> list => list.TrueForAll(IsFromTemplate),
        JinjaMap map => map.Keys.All(key => key.IsAllTemplate && IsFromTemplate(map[key.Value])),
        _ => true,
    };

    public static string NameOf(object? value) => value switch
    {
        null => "none",
        bool => "a boolean",
        long => "an integer",
        double => "a number",
        JinjaText => "a string",
        List<object?> => "a list",
        JinjaMap => "a mapping",
        JinjaFunction function => $"the function '{function.Id}'",
        JinjaUndefined undefined => $"'{undefined.Id}', which is undefined,",
        _ => "a value",
    };

    /// <summary>Python's repr.</summary>
    public static string Represent(object? value)
    {
        var text = new StringBuilder();
        Represent(value, text);
        return text.ToString();
    }

    public static string FormatNumber(double number)
    {
        if (double.IsFinite(number))
        {
            string digits = number.ToString("R", CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal);
            return digits.Contains('.', StringComparison.Ordinal) || digits.Contains('e', StringComparison.Ordinal) ? digits : digits + ".0";
        }

        return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
    }

    private static void Represent(object? value, StringBuilder text)
    {
        switch (value)
        {
            case null or JinjaUndefined:
                text.Append("None");
                break;
            case bool flag:
                text.Append(flag ? "True" : "False");
                break;
            case long integer:
                text.Append(integer.ToString(CultureInfo.InvariantCulture));
                break;
            case double number:
                text.Append(FormatNumber(number));
                break;
            case JinjaText content:
                Quote(content.Value, text);
                break;
            case List<object?> list:
                Join(text, '[', list, item => Represent(item, text), ']');
                break;
            case JinjaMap map:
                Join(text, '{', map.Keys, key => { Quote(key.Value, text); text.Append(": "); Represent(map[key.Value], text); }, '}');
                break;
            default:
                text.Append('<').Append(NameOf(value)).Append('>');
                break;
        }
    }

    private static void Join<T>(StringBuilder text, char open, IReadOnlyList<T> items, Action<T> append, char close)
    {
        text.Append(open);
        for (int i = 0; i < items.Count; i++)
        {
            text.Append(i == 0 ? "" : ", ");
            append(items[i]);
        }

        text.Append(close);
    }

    private static void Quote(string value, StringBuilder text)
    {
        char quote = value.Contains('\'', StringComparison.Ordinal) && !value.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        text.Append(quote);
        foreach (char c in value)
        {
            _ = c switch
            {
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\\' => text.Append("\\\\"),
                _ when c == quote => text.Append('\\').Append(c),
                < ' ' or '\x7f' => text.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                _ => text.Append(c),
            };
        }

        text.Append(quote);
    }

    private static IEnumerable<JinjaText> CharactersOf(JinjaText text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            int length = char.IsHighSurrogate(text.Value[i]) && i + 1 < text.Length ? 2 : 1;
            yield return text.Slice(i, length);
            i += length - 1;
        }
    }
}
