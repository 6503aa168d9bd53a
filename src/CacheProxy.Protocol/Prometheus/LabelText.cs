using System.Globalization;

namespace CacheProxy.Protocol.Prometheus;

/// <summary>Tags as labels: <c>a="1",b="2"</c>, ordered by name, without those that have no value.</summary>
internal static class LabelText
{
    public static string Of(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, object? tag) in tags.ToArray().OrderBy(tag => tag.Key, StringComparer.Ordinal))
        {
            if (ValueOf(tag) is not { Length: > 0 } value)
            {
                continue;
            }

            string name = MetricNames.OfLabel(key);
            // Two keys that become one name: the mapping joins their values.
            labels[name] = labels.TryGetValue(name, out string? other) ? $"{other};{value}" : value;
        }

        return string.Join(',', labels.Select(label => $"{label.Key}=\"{ExpositionText.EscapeLabelValue(label.Value)}\""));
    }

    private static string? ValueOf(object? value) => value switch
    {
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value?.ToString(),
    };
}
