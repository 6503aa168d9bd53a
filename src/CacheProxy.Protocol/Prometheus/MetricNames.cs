using System.Text;
using System.Text.RegularExpressions;

namespace CacheProxy.Protocol.Prometheus;

/// <summary>
/// OpenTelemetry's names as Prometheus': dots become underscores, the unit becomes a word at the end, counters end in <c>_total</c>.
/// Source: OpenTelemetry specification, "Prometheus and OpenMetrics compatibility".
/// </summary>
internal static partial class MetricNames
{
    public const string Counter = "counter";
    public const string Gauge = "gauge";
    public const string Histogram = "histogram";

    /// <summary>The name of the family; a counter's samples have <c>_total</c> behind it.</summary>
    /// <param name="unit">UCUM; what stands in braces is an annotation and no unit.</param>
    /// <param name="type">One of the constants.</param>
    public static string OfMetric(string name, string? unit, string type)
    {
        string result = Clean(name);
        string suffix = OfUnit(unit, type);
        const string total = "_total";
        if (type == Counter && result.EndsWith(total, StringComparison.Ordinal))
        {
            result = result[..^total.Length];
        }

        if (suffix.Length > 0 && !result.EndsWith("_" + suffix, StringComparison.Ordinal))
        {
            result += "_" + suffix;
        }

        return result;
    }

    /// <summary>The word that the unit is in a name; empty: none.</summary>
    public static string OfUnit(string? unit, string type) => SuffixOf(Annotation().Replace(unit ?? "", ""), type);

    public static string OfLabel(string key) => Clean(key);

    private static string SuffixOf(string unit, string type)
    {
        if (unit == "1")
        {
            return type == Gauge ? "ratio" : "";
        }

        int slash = unit.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return WordOf(unit);
        }

        string per = unit[(slash + 1)..] switch
        {
            "s" => "second",
            "min" => "minute",
            "h" => "hour",
            "d" => "day",
            var other => WordOf(other),
        };
        return per.Length == 0 ? WordOf(unit[..slash]) : $"{WordOf(unit[..slash])}_per_{per}".TrimStart('_');
    }

    private static string WordOf(string unit) => unit switch
    {
        "" => "",
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" => "microseconds",
        "ns" => "nanoseconds",
        "min" => "minutes",
        "h" => "hours",
        "d" => "days",
        "By" => "bytes",
        "KiBy" => "kibibytes",
        "MiBy" => "mebibytes",
        "GiBy" => "gibibytes",
        "kBy" or "KBy" => "kilobytes",
        "MBy" => "megabytes",
        "GBy" => "gigabytes",
        "%" => "percent",
        "W" => "watts",
        "J" => "joules",
        "Cel" => "celsius",
        "Hz" => "hertz",
        _ => Clean(unit).Trim('_'),
    };

    private static string Clean(string name)
    {
        var result = new StringBuilder(name.Length);
        foreach (char c in name)
        {
            bool isAllowed = char.IsAsciiLetterOrDigit(c);
            if (isAllowed || result.Length == 0 || result[^1] != '_')
            {
                result.Append(isAllowed ? c : '_');
            }
        }

        return result.Length > 0 && char.IsAsciiDigit(result[0]) ? "_" + result : result.ToString();
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Annotation();
}
