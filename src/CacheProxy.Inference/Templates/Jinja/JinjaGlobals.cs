using System.Globalization;
using System.Text;

namespace CacheProxy.Inference.Templates.Jinja;

/// <summary>The functions every template can call, as transformers offers them.</summary>
internal static class JinjaGlobals
{
    private const int MaxRange = 100_000;

    public static void AddTo(JinjaScope scope, TimeProvider time)
    {
        Add(scope, "range", Range);
        Add(scope, "namespace", call => Fill(new JinjaNamespace(), call));
        Add(scope, "dict", call => Fill(new JinjaMap(), call));
        Add(scope, "raise_exception", call => throw new JinjaException(JinjaValue.ToText(call.Get(0, "message")).Value, call.Line, raisedByTemplate: true));
        Add(scope, "strftime_now", call => JinjaText.FromTemplate(FormatTime(time.GetLocalNow(), call.Text(0, "format").Value, call)));
    }

    private static void Add(JinjaScope scope, string id, Func<JinjaCall, object?> invoke) => scope.Set(id, new JinjaFunction(id, invoke));

    private static List<object?> Range(JinjaCall call)
    {
        bool two = call.Positional.Count > 1;
        long start = two ? call.Integer(0, "start", 0) : 0;
        long stop = two ? call.Integer(1, "stop", 0) : call.Need(0, "stop") as long? ?? throw call.Error("range of something that is no integer");
        long step = call.Integer(2, "step", 1);
        var items = new List<object?>();
        for (long i = start; step > 0 ? i < stop : step < 0 && i > stop; i += step)
        {
            call.Budget.Step(call.Line);
            items.Add(items.Count < MaxRange ? i : throw call.Error($"a range of more than {MaxRange}"));
        }

        return step != 0 ? items : throw call.Error("a range step of zero");
    }

    private static JinjaMap Fill(JinjaMap map, JinjaCall call)
    {
        if (call.Get(0, "") is JinjaMap source)
        {
            foreach (JinjaText key in source.Keys)
            {
                map.Set(key, source[key.Value]);
            }
        }

        foreach ((string id, object? value) in call.Named)
        {
            map.Set(id, value);
        }

        return map;
    }

    /// <summary>The strftime codes that chat templates use.</summary>
    private static string FormatTime(DateTimeOffset now, string format, JinjaCall call)
    {
        var text = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }

            bool unpadded = format[++i] == '-' && i + 1 < format.Length;
            string code = FormatCode(now, format[unpadded ? ++i : i], call);
            text.Append(unpadded ? code.TrimStart('0') is { Length: > 0 } trimmed ? trimmed : "0" : code);
        }

        return text.ToString();
    }

    private static string FormatCode(DateTimeOffset now, char code, JinjaCall call) => code switch
    {
        '%' => "%",
        'Y' => Format(now, "yyyy"),
        'y' => Format(now, "yy"),
        'm' => Format(now, "MM"),
        'd' => Format(now, "dd"),
        'e' => now.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'B' => Format(now, "MMMM"),
        'b' or 'h' => Format(now, "MMM"),
        'A' => Format(now, "dddd"),
        'a' => Format(now, "ddd"),
        'H' => Format(now, "HH"),
        'I' => Format(now, "hh"),
        'M' => Format(now, "mm"),
        'S' => Format(now, "ss"),
        'p' => Format(now, "tt"),
        'j' => now.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        'F' => Format(now, "yyyy-MM-dd"),
        'T' => Format(now, "HH:mm:ss"),
        'z' => Format(now, "zzz").Replace(":", "", StringComparison.Ordinal),
        'Z' => "UTC",
        _ => throw call.Error($"unknown time format '%{code}'"),
    };

    private static string Format(DateTimeOffset now, string format) => now.ToString(format, CultureInfo.InvariantCulture);
}
