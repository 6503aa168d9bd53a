using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CacheProxy.Inference.Templates.Jinja;

/// <summary>JSON in and out with the spacing of Python's json.dumps, which is what models were trained on.</summary>
internal static class JinjaJson
{
    private const int MaxDepth = 64;

    /// <summary>Turns parsed JSON into template values, its strings marked as input.</summary>
    public static object? FromJson(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var map = new JinjaMap();
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    map.Set(JinjaText.FromInput(property.Name), FromJson(property.Value));
                }

                return map;
            case JsonValueKind.Array:
                return element.EnumerateArray().Select(FromJson).ToList();
            case JsonValueKind.String:
                return JinjaText.FromInput(element.GetString()!);
            case JsonValueKind.Number:
                return element.TryGetInt64(out long integer) ? (object)integer : element.GetDouble();
            case JsonValueKind.True or JsonValueKind.False:
                return element.ValueKind == JsonValueKind.True;
            default:
                return null;
        }
    }

    /// <summary>The tojson filter.</summary>
    public static object ToJson(object? value, JinjaCall call)
    {
        string? indent = call.Get(1, "indent") switch
        {
            long width => new string(' ', (int)Math.Clamp(width, 0, 16)),
            JinjaText text => text.Value,
            _ => null,
        };
        var writer = new Writer(call, indent, JinjaValue.IsTrue(call.Get(0, "ensure_ascii")), JinjaValue.IsTrue(call.Get(3, "sort_keys")));
        if (call.Get(2, "separators") is List<object?> { Count: 2 } separators)
        {
            (writer.ItemSeparator, writer.KeySeparator) = (JinjaValue.ToText(separators[0]).Value, JinjaValue.ToText(separators[1]).Value);
        }

        writer.Write(value, 0);
        string json = writer.ToString();
        return JinjaValue.IsFromTemplate(value) ? JinjaText.FromTemplate(json) : JinjaText.FromInput(json);
    }

    private sealed class Writer(JinjaCall call, string? indent, bool ascii, bool sorted)
    {
        private readonly StringBuilder _json = new();

        public string ItemSeparator { get; set; } = indent is null ? ", " : ",";

        public string KeySeparator { get; set; } = ": ";

        public void Write(object? value, int depth)
        {
            call.Budget.Step(call.Line);
            call.Budget.CheckSize(call.Line, _json.Length);
            if (depth > MaxDepth)
            {
                throw call.Error($"JSON nested more than {MaxDepth} deep");
            }

            switch (value)
            {
                case JinjaText text:
                    WriteText(text.Value);
                    break;
                case List<object?> list:
                    WriteItems('[', list.Count, ']', depth, i => Write(list[i], depth + 1));
                    break;
                case JinjaMap map:
                    JinjaText[] keys = sorted ? [.. map.Keys.OrderBy(key => key.Value, StringComparer.Ordinal)] : [.. map.Keys];
                    WriteItems('{', keys.Length, '}', depth, i => { WriteText(keys[i].Value); _json.Append(KeySeparator); Write(map[keys[i].Value], depth + 1); });
                    break;
                case null or bool:
                    _json.Append(value switch { null => "null", true => "true", _ => "false" });
                    break;
                case long integer:
                    _json.Append(integer.ToString(CultureInfo.InvariantCulture));
                    break;
                case double number:
                    _json.Append(JinjaValue.FormatNumber(number));
                    break;
                default:
                    throw call.Error($"{JinjaValue.NameOf(value)} cannot be written as JSON");
            }
        }

        public override string ToString() => _json.ToString();

        private void WriteItems(char open, int count, char close, int depth, Action<int> write)
        {
            _json.Append(open);
            for (int i = 0; i < count; i++)
            {
                _json.Append(i == 0 ? "" : ItemSeparator);
                NewLine(depth + 1);
                write(i);
            }

            if (count > 0)
            {
                NewLine(depth);
            }

            _json.Append(close);
        }

        private void NewLine(int depth)
        {
            for (int i = indent is null ? depth : -1; i < depth; i++)
            {
                _json.Append(i < 0 ? "\n" : indent);
            }
        }

        private void WriteText(string value)
        {
            call.Budget.Reserve(call.Line, value.Length);
            _json.Append('"');
            foreach (char c in value)
            {
                _ = c switch
                {
                    '"' => _json.Append("\\\""),
                    '\\' => _json.Append("\\\\"),
                    '\n' => _json.Append("\\n"),
                    '\r' => _json.Append("\\r"),
                    '\t' => _json.Append("\\t"),
                    '\b' => _json.Append("\\b"),
                    '\f' => _json.Append("\\f"),
                    _ when c < ' ' || (ascii && c > '~') => _json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                    _ => _json.Append(c),
                };
            }

            _json.Append('"');
        }
    }
}
