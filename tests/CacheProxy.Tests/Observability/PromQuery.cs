using System.Text.RegularExpressions;

namespace CacheProxy.Tests.Observability;

/// <summary>The names in an expression of PromQL: enough of its grammar for our own rules and dashboards.</summary>
internal sealed partial class PromQuery
{
    private static readonly string[] Added = ["instance", "job"];

    public PromQuery(string text)
    {
        Text = text;
        string rest = Strings().Replace(text, "\"\"");
        GroupLabels = [.. Grouping().Matches(rest).SelectMany(match => match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Except(Added)];
        rest = Grouping().Replace(rest, " ");
        foreach (Match selector in Selector().Matches(rest))
        {
            Metrics.Add((selector.Groups[1].Value, [.. Matcher().Matches(selector.Groups[2].Value).Select(match => match.Groups[1].Value).Except(Added)]));
        }

        rest = Selector().Replace(rest, " ");
        Metrics.AddRange(Bare().Matches(rest).Select(match => (match.Value, Array.Empty<string>())));
    }

    public string Text { get; }

    public List<(string Name, string[] Labels)> Metrics { get; } = [];

    /// <summary>Those that results are grouped by.</summary>
    public string[] GroupLabels { get; }

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Strings();

    [GeneratedRegex(@"\b(?:by|on|ignoring|without|group_left)\s*\(([^)]*)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"([a-zA-Z_:][a-zA-Z0-9_:]*)\{([^}]*)\}")]
    private static partial Regex Selector();

    [GeneratedRegex(@"([a-zA-Z_][a-zA-Z0-9_]*)\s*(?:=~|!~|!=|=)")]
    private static partial Regex Matcher();

    [GeneratedRegex(@"\b(?:cacheproxy|gen_ai)[a-zA-Z0-9_:]*")]
    private static partial Regex Bare();
}
