using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CacheProxy.Inference.Tests.Constraints;

/// <summary>Whether a value fits a schema, straight from the words of JSON Schema and independent of what the engine does with them.</summary>
internal sealed class SchemaValidator(JsonElement root)
{
    /// <returns>What does not fit, or null.</returns>
    public string? Validate(JsonElement value) => Validate(root, value, "$");

    private string? Validate(JsonElement schema, JsonElement value, string at)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return schema.GetBoolean() ? null : $"{at}: nothing is allowed";
        }

        return schema.EnumerateObject().Select(keyword => Check(schema, keyword, value, at)).FirstOrDefault(error => error is not null);
    }

    private string? Check(JsonElement schema, JsonProperty keyword, JsonElement value, string at)
    {
        JsonElement operand = keyword.Value;
        bool good = keyword.Name switch
        {
            "type" => (operand.ValueKind == JsonValueKind.Array ? operand.EnumerateArray().ToArray() : [operand]).Any(type => IsOfType(value, type.GetString()!)),
            "enum" => operand.EnumerateArray().Any(option => JsonElement.DeepEquals(option, value)),
            "const" => JsonElement.DeepEquals(operand, value),
            "minLength" => value.ValueKind != JsonValueKind.String || LengthOf(value) >= operand.GetInt32(),
            "maxLength" => value.ValueKind != JsonValueKind.String || LengthOf(value) <= operand.GetInt32(),
            "pattern" => value.ValueKind != JsonValueKind.String || Regex.IsMatch(value.GetString()!, operand.GetString()!, RegexOptions.ECMAScript),
            "format" => value.ValueKind != JsonValueKind.String || IsOfFormat(value.GetString()!, operand.GetString()!),
            "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() >= operand.GetDouble(),
            "maximum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() <= operand.GetDouble(),
            "exclusiveMinimum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() > operand.GetDouble(),
            "exclusiveMaximum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() < operand.GetDouble(),
            "minItems" => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() >= operand.GetInt32(),
            "maxItems" => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() <= operand.GetInt32(),
            "required" => value.ValueKind != JsonValueKind.Object || operand.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)),
            "oneOf" => operand.EnumerateArray().Count(option => Validate(option, value, at) is null) == 1,
            "anyOf" => operand.EnumerateArray().Any(option => Validate(option, value, at) is null),
            _ => true,
        };
        return good ? CheckBelow(schema, keyword, value, at) : $"{at}: {value.GetRawText()} is not {keyword}";
    }

    private string? CheckBelow(JsonElement schema, JsonProperty keyword, JsonElement value, string at) => (keyword.Name, value.ValueKind) switch
    {
        ("$ref", _) => Validate(Resolve(keyword.Value.GetString()!), value, at),
        ("allOf", _) => First(keyword.Value.EnumerateArray().Select(option => Validate(option, value, at))),
        ("properties", JsonValueKind.Object) => First(value.EnumerateObject()
            .Where(property => keyword.Value.TryGetProperty(property.Name, out _))
            .Select(property => Validate(keyword.Value.GetProperty(property.Name), property.Value, $"{at}.{property.Name}"))),
        ("additionalProperties", JsonValueKind.Object) => First(value.EnumerateObject()
            .Where(property => !schema.TryGetProperty("properties", out JsonElement declared) || !declared.TryGetProperty(property.Name, out _))
            .Select(property => Validate(keyword.Value, property.Value, $"{at}.{property.Name}"))),
        ("prefixItems", JsonValueKind.Array) => First(value.EnumerateArray()
            .Zip(keyword.Value.EnumerateArray(), (item, itemSchema) => Validate(itemSchema, item, $"{at}[]"))),
        ("items", JsonValueKind.Array) => First(value.EnumerateArray()
            .Skip(schema.TryGetProperty("prefixItems", out JsonElement prefix) ? prefix.GetArrayLength() : 0)
            .Select(item => Validate(keyword.Value, item, $"{at}[]"))),
        _ => null,
    };

    private JsonElement Resolve(string reference)
        => reference.Split('/').Skip(1).Aggregate(root, (element, name) => element.GetProperty(name));

    private static string? First(IEnumerable<string?> errors) => errors.FirstOrDefault(error => error is not null);

    private static int LengthOf(JsonElement text) => text.GetString()!.EnumerateRunes().Count();

    private static bool IsOfType(JsonElement value, string type) => value.ValueKind switch
    {
        JsonValueKind.Number => type == "number" || (type == "integer" && value.TryGetInt64(out _)),
        JsonValueKind.True or JsonValueKind.False => type == "boolean",
        _ => type == value.ValueKind.ToString().ToLowerInvariant(),
    };

    private static bool IsOfFormat(string text, string format) => format switch
    {
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) || text.StartsWith("0000", StringComparison.Ordinal),
        "date-time" => text.StartsWith("0000", StringComparison.Ordinal) || text.StartsWith("0001-01-01", StringComparison.Ordinal) || text.StartsWith("9999-12-31", StringComparison.Ordinal)
            || Regex.IsMatch(text, "[+-](1[4-9]|2)\\d?:\\d\\d$") || DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _),
        "time" => TimeOnly.TryParse(text[..8], CultureInfo.InvariantCulture, out _),
        "uuid" => Guid.TryParseExact(text, "D", out _),
        "ipv4" => System.Net.IPAddress.TryParse(text, out System.Net.IPAddress? four) && four.ToString() == text,
        "ipv6" => System.Net.IPAddress.TryParse(text, out _),
        "email" => System.Net.Mail.MailAddress.TryCreate(text, out _),
        "hostname" => Uri.CheckHostName(text) is UriHostNameType.Dns or UriHostNameType.IPv4,
        "duration" => System.Xml.XmlConvert.ToTimeSpan(text.Contains('W', StringComparison.Ordinal) ? "P1D" : text) >= TimeSpan.Zero,
        _ => throw new ArgumentException(format),
    };
}
