using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CacheProxy.Ledger.Prices;

/// <summary>Says of a price table that cannot be read which model and field it is: a line and a column help nobody who looks for a price.</summary>
internal static partial class PriceFault
{
    private static readonly JsonReaderOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>As the parser has it where it is not within a model.</summary>
    public static string Of(ReadOnlySpan<byte> file, JsonException fault)
    {
        if (fault.Path is not { } path || Place().Match(path) is not { Success: true } place || !int.TryParse(place.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out int index))
        {
            return fault.Message;
        }

        (string name, string? value) = Find(file, index, place.Groups[2].Value);
        return $"models[{index}]{(name.Length > 0 ? $" ({name})" : "")}: {place.Groups[2].Value} is {value ?? "no JSON"}; prices are numbers, in US dollars per million tokens. {fault.Message}";
    }

    // Reads as far as it goes: what comes behind what is no JSON is lost, and the name mostly stands before it.
    private static (string Name, string? Value) Find(ReadOnlySpan<byte> file, int index, string field)
    {
        (string provider, string model, string? found) = ("", "", null);
        var reader = new Utf8JsonReader(file, Options);
        try
        {
            int row = -1;
            while (reader.Read())
            {
                if (reader is { TokenType: JsonTokenType.StartObject, CurrentDepth: 2 } && ++row > index)
                {
                    break;
                }

                if (row != index || reader.TokenType != JsonTokenType.PropertyName)
                {
                    continue;
                }

                string name = reader.GetString()!;
                bool isTop = reader.CurrentDepth == 3;
                reader.Read();
                string? text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                provider = isTop && name == "provider" ? text ?? "" : provider;
                model = isTop && name == "model" ? text ?? "" : model;
                found = field == name || field.EndsWith("." + name, StringComparison.Ordinal) ? Shown(reader, text) : found;
            }
        }
        catch (JsonException)
        {
            // There is no more to be read.
        }

        return ($"{provider}{(provider.Length > 0 && model.Length > 0 ? "/" : "")}{model}", found);
    }

    private static string Shown(in Utf8JsonReader reader, string? text) => reader.TokenType switch
    {
        JsonTokenType.String => $"the text \"{text}\"",
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        _ => System.Text.Encoding.UTF8.GetString(reader.ValueSpan),
    };

    [GeneratedRegex(@"^\$\.models\[([0-9]+)\]\.(.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Place();
}
