using System.Globalization;
using System.Text.RegularExpressions;

namespace CacheProxy.TestKit;

/// <summary>
/// Reads a page by the rules of OpenMetrics 1.0: the text format's grammar, and what it demands of each type. Written from the specification, not from the exporter.
/// </summary>
public sealed partial class OpenMetricsPage
{
    private readonly HashSet<string> _seen = [];
    private readonly HashSet<string> _closed = [];
    private OpenMetricsFamily? _family;

    private OpenMetricsPage()
    {
    }

    public List<OpenMetricsFamily> Families { get; } = [];

    public OpenMetricsFamily this[string name] => Families.Single(family => family.Name == name);

    /// <exception cref="FormatException">Names the line and the rule.</exception>
    public static OpenMetricsPage Parse(string text)
    {
        if (!text.EndsWith("# EOF\n", StringComparison.Ordinal) || text.IndexOf("# EOF", StringComparison.Ordinal) != text.Length - "# EOF\n".Length)
        {
            throw new FormatException("The page must end in one # EOF.");
        }

        var page = new OpenMetricsPage();
        foreach (string line in text[..^"# EOF\n".Length].Split('\n')[..^1])
        {
            try
            {
                page.Read(line);
            }
            catch (FormatException exception)
            {
                throw new FormatException($"{line}: {exception.Message}", exception);
            }
        }

        page.Families.ForEach(family => family.Check());
        return page;
    }

    private void Read(string line)
    {
        if (Metadata().Match(line) is { Success: true } metadata)
        {
            ReadMetadata(metadata.Groups[1].Value, metadata.Groups[2].Value, metadata.Groups[3].Value);
            return;
        }

        Match sample = SampleLine().Match(line);
        Require(sample.Success, "neither metadata nor a sample");
        OpenMetricsFamily family = _family ?? throw new FormatException("a sample in front of any # TYPE");
        string name = sample.Groups["name"].Value;
        Require(name.StartsWith(family.Name, StringComparison.Ordinal), "a sample of another family than the one above it");
        Match exemplar = Exemplar().Match(sample.Groups["exemplar"].Value);
        var read = new OpenMetricsSample(
            name[family.Name.Length..], Labels(sample.Groups["labels"].Value), Number(sample.Groups["value"].Value),
            exemplar.Success ? Labels(exemplar.Groups["labels"].Value) : null, exemplar.Success ? Number(exemplar.Groups["value"].Value) : 0);
        Require(_seen.Add(name + "{" + string.Join(',', read.Labels.OrderBy(label => label.Key).Select(label => $"{label.Key}={label.Value}"))), "the same series twice");
        if (read.Exemplar is { } labels)
        {
            Require(labels.Sum(label => label.Key.Length + label.Value.Length) <= 128, "an exemplar of more than 128 characters");
            Require(read.Suffix is "_total" or "_bucket", "an exemplar where none may be");
        }

        family.Samples.Add(read);
    }

    private void ReadMetadata(string word, string name, string rest)
    {
        if (_family?.Name != name)
        {
            Require(_closed.Add(name), "a family in two places");
            _family = new OpenMetricsFamily(name);
            Families.Add(_family);
        }

        Require(_family!.Samples.Count == 0, "metadata behind a sample");
        switch (word)
        {
            case "TYPE":
                Require(_family.Type.Length == 0 && rest is "counter" or "gauge" or "histogram", "an unknown or second type");
                _family.Type = rest;
                break;
            case "UNIT":
                Require(_family.Unit.Length == 0 && name.EndsWith("_" + rest, StringComparison.Ordinal), "a unit that the name does not end in");
                _family.Unit = rest;
                break;
            default:
                Require(HelpText().IsMatch(rest), "help with a stray quote or backslash");
                break;
        }
    }

    private static Dictionary<string, string> Labels(string text)
    {
        var labels = new Dictionary<string, string>();
        string rest = text;
        while (rest.Length > 0)
        {
            Match label = Label().Match(rest);
            Require(label.Success, "a label that cannot be read");
            string value = label.Groups[2].Value.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
            Require(labels.TryAdd(label.Groups[1].Value, value), "a label twice");
            rest = rest[label.Length..];
        }

        Require(!text.EndsWith(','), "a comma behind the last label");
        return labels;
    }

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    internal static void Require(bool holds, string rule)
    {
        if (!holds)
        {
            throw new FormatException(rule);
        }
    }

    private const string LabelsPattern = "(?:[^\"}]|\"(?:[^\"\\\\\\n]|\\\\.)*\")*";
    private const string NumberPattern = @"(?:[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|[-+]Inf|NaN)";

    [GeneratedRegex("^# (TYPE|UNIT|HELP) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$")]
    private static partial Regex Metadata();

    [GeneratedRegex("^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(?<labels>" + LabelsPattern + ")\\})? (?<value>" + NumberPattern + ")(?<exemplar> # .*)?$")]
    private static partial Regex SampleLine();

    [GeneratedRegex("^ # \\{(?<labels>" + LabelsPattern + ")\\} (?<value>" + NumberPattern + ")(?: (?<time>" + NumberPattern + "))?$")]
    private static partial Regex Exemplar();

    [GeneratedRegex("^([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\\n]|\\\\[\\\\n\"])*)\"(?:,|$)")]
    private static partial Regex Label();

    [GeneratedRegex("^(?:[^\"\\\\]|\\\\[\\\\n\"])*$")]
    private static partial Regex HelpText();
}
