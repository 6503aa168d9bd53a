using System.Globalization;

namespace CacheProxy.Inference.Templates.Jinja;

/// <summary>What may stand behind '|'.</summary>
internal static class JinjaFilters
{
    public static object? Apply(string id, object? value, JinjaCall call) => id switch
    {
        "default" or "d" => value is JinjaUndefined || (JinjaValue.IsTrue(call.Get(1, "boolean")) && !JinjaValue.IsTrue(value))
            ? (call.Has(0, "default_value") ? call.Get(0, "default_value") : JinjaText.Empty)
            : value,
        "tojson" => JinjaJson.ToJson(value, call),
        "string" => JinjaValue.ToText(value),
        "safe" => value,
        "length" or "count" => LengthOf(value, call),
        "items" => value is JinjaMap map ? JinjaMembers.ItemsOf(map) : value is JinjaUndefined ? new List<object?>() : throw call.Error("items of something that is no mapping"),
        "dictsort" => value is JinjaMap map
            ? JinjaMembers.ItemsOf(map).OrderBy(item => ((JinjaText)((List<object?>)item!)[0]!).Value, StringComparer.Ordinal).ToList()
            : throw call.Error("dictsort of something that is no mapping"),
        "int" => ToInteger(value, call.Integer(0, "default", 0)),
        "float" => ToNumber(value),
        "abs" => value is long and not long.MinValue ? (object)Math.Abs((long)value) : Math.Abs(Number(value, call)),
        "round" => Math.Round(Number(value, call), (int)Math.Clamp(call.Integer(0, "precision", 0), 0, 15), MidpointRounding.ToEven),
        "trim" or "upper" or "lower" or "title" or "capitalize" or "replace" or "indent" or "wordcount" or "e" or "escape"
            => ApplyToText(id, JinjaValue.ToText(value), call),
        _ => JinjaSequenceFilters.Apply(id, value, call),
    };

    private static object ApplyToText(string id, JinjaText text, JinjaCall call)
    {
        call.Budget.Reserve(call.Line, text.Length);
        return id switch
        {
            "trim" => JinjaTextMethods.Strip(text, call.Get(0, "chars"), true, true),
            "upper" => text.Derive(text.Value.ToUpperInvariant()),
            "lower" => text.Derive(text.Value.ToLowerInvariant()),
            "title" => JinjaTextMethods.Title(text),
            "capitalize" => JinjaTextMethods.Capitalize(text),
            "replace" => JinjaTextMethods.Replace(text, call),
            "indent" => Indent(text, call),
            "wordcount" => (long)text.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length,
            _ => text.Derive(Escape(text.Value)),
        };
    }

    private static JinjaText Indent(JinjaText text, JinjaCall call)
    {
        string indent = call.Get(0, "width") switch
        {
            JinjaText given => given.Value,
            long width => new string(' ', (int)Math.Clamp(width, 0, 200)),
            _ => "    ",
        };
        bool first = JinjaValue.IsTrue(call.Get(1, "first"));
        bool blank = JinjaValue.IsTrue(call.Get(2, "blank"));
        var builder = new JinjaText.Builder();
        int start = 0;
        while (start <= text.Length)
        {
            int end = text.Value.IndexOf('\n', start);
            end = end < 0 ? text.Length : end;
            call.Budget.Reserve(call.Line, builder.Length + (long)indent.Length + end - start);
            bool indented = start == 0 ? first : blank || end > start;
            builder.Append(start == 0 ? "" : "\n", fromTemplate: text.IsAllTemplate).Append(indented ? indent : "", fromTemplate: true);
            builder.Append(text.Slice(start, end - start));
            start = end + 1;
        }

        return builder.Build();
    }

    private static string Escape(string value) => value
        .Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("'", "&#39;", StringComparison.Ordinal).Replace("\"", "&#34;", StringComparison.Ordinal);

    private static object LengthOf(object? value, JinjaCall call) => value switch
    {
        JinjaText text => (long)JinjaValue.Iterate(text, call.Line).Count,
        List<object?> list => (long)list.Count,
        JinjaMap map => (long)map.Count,
        JinjaUndefined => 0L,
        _ => throw call.Error($"{JinjaValue.NameOf(value)} has no length"),
    };

    private static object ToInteger(object? value, long otherwise) => value switch
    {
        long integer => integer,
        bool flag => flag ? 1L : 0L,
        double number when Math.Abs(number) < long.MaxValue => (long)number,
        JinjaText text when long.TryParse(text.Value.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long parsed) => parsed,
        JinjaText text when double.TryParse(text.Value, CultureInfo.InvariantCulture, out double parsed) && Math.Abs(parsed) < long.MaxValue => (long)parsed,
        _ => otherwise,
    };

    private static object ToNumber(object? value) =>
        JinjaValue.AsNumber(value) ?? (value is JinjaText text && double.TryParse(text.Value, CultureInfo.InvariantCulture, out double parsed) ? parsed : 0.0);

    private static double Number(object? value, JinjaCall call) =>
        JinjaValue.AsNumber(value) ?? throw call.Error($"{JinjaValue.NameOf(value)} is no number");
}
