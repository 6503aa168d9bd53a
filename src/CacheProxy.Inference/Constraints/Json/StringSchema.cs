using System.Collections.Frozen;
using CacheProxy.Inference.Constraints.Text;

namespace CacheProxy.Inference.Constraints.Json;

/// <summary>Strings: by length, by pattern or by format; one of the three, since only that is one automaton.</summary>
internal static class StringSchema
{
    private const string Date =
        "(?:\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))"
        + "|(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)";

    private const string Time = "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,6})?(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)";
    private const string Label = "[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?";
    private const string Host = $"{Label}(?:\\.{Label}){{1,4}}";
    private const string Octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private const string DurationTime = "T(?:\\d{1,4}H(?:\\d{1,2}M(?:\\d{1,2}S)?)?|\\d{1,4}M(?:\\d{1,2}S)?|\\d{1,4}S)";

    /// <summary>Texts that every reader of a format accepts; formats are mostly wider.</summary>
    private static readonly FrozenDictionary<string, GrammarNode> Formats = new Dictionary<string, string>
    {
        ["date-time"] = $"{Date}T{Time}",
        ["date"] = Date,
        ["time"] = Time,
        ["duration"] = $"P(?:\\d{{1,4}}W|(?:\\d{{1,4}}Y(?:\\d{{1,2}}M(?:\\d{{1,2}}D)?)?|\\d{{1,4}}M(?:\\d{{1,2}}D)?|\\d{{1,4}}D)(?:{DurationTime})?|{DurationTime})",
        ["email"] = $"[A-Za-z0-9_+-]{{1,30}}(?:\\.[A-Za-z0-9_+-]{{1,30}}){{0,2}}@{Host}",
        ["hostname"] = Host,
        ["uuid"] = "[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        ["ipv4"] = $"{Octet}(?:\\.{Octet}){{3}}",
        ["ipv6"] = "(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}",
    }.ToFrozenDictionary(format => format.Key, format => JsonGrammar.String(RegexParser.Parse(format.Value, JsonText.Instance, isWhole: true)));

    public static GrammarNode Compile(SchemaReader schema)
    {
        string? pattern = schema.Text("pattern");
        string? format = schema.Text("format");
        (int min, int? max) = schema.Lengths("minLength", "maxLength");
        bool hasLength = min > 0 || max is not null;
        if (pattern is not null && (hasLength || format is not null))
        {
            throw schema.Error("pattern", $"is not supported beside '{(format is not null ? "format" : max is null ? "minLength" : "maxLength")}': write the length into the pattern.");
        }

        if (format is not null)
        {
            return hasLength ? throw schema.Error("format", "is not supported beside 'minLength' or 'maxLength'.")
                : Formats.GetValueOrDefault(format) ?? throw schema.Error("format", $"'{format}' is not supported. Supported are: {string.Join(", ", Formats.Keys.Order(StringComparer.Ordinal))}.");
        }

        return JsonGrammar.String(pattern is null ? JsonText.AnyCharacters(min, max) : CompilePattern(schema, pattern));
    }

    private static GrammarNode CompilePattern(SchemaReader schema, string pattern)
    {
        try
        {
            return RegexParser.Parse(pattern, JsonText.Instance, isWhole: false);
        }
        catch (FormatException exception)
        {
            throw schema.Error("pattern", $"'{pattern}' is not supported: {exception.Message}.");
        }
    }
}
