using System.Text.Json;

namespace CacheProxy.Tests.Stores.Qdrant;

/// <summary>The keywords of OpenAPI 3.0's schemas that Qdrant's file uses.</summary>
/// <param name="definitions">The object that <c>#/components/schemas/…</c> points into.</param>
internal sealed class JsonSchema(JsonElement definitions)
{
    /// <summary>The first thing that does not fit, with its place; null when all does.</summary>
    public string? Check(JsonElement schema, JsonElement value, string place)
    {
        if (schema.TryGetProperty("$ref", out JsonElement reference))
        {
            return Check(definitions.GetProperty(reference.GetString()!.Split('/')[^1]), value, place);
        }

        if (value.ValueKind == JsonValueKind.Null)
        {
            return AllowsNull(schema) ? null : $"{place} is null";
        }

        return CheckChoices(schema, value, place)
            ?? CheckType(schema, value, place)
            ?? CheckEnum(schema, value, place)
            ?? CheckBounds(schema, value, place)
            ?? CheckItems(schema, value, place)
            ?? CheckProperties(schema, value, place);
    }

    private bool AllowsNull(JsonElement schema)
        => (schema.TryGetProperty("nullable", out JsonElement nullable) && nullable.GetBoolean())
        || (schema.TryGetProperty("$ref", out JsonElement reference)
            && AllowsNull(definitions.GetProperty(reference.GetString()!.Split('/')[^1])))
        || (schema.TryGetProperty("anyOf", out JsonElement choices) && choices.EnumerateArray().Any(AllowsNull));

    private string? CheckChoices(JsonElement schema, JsonElement value, string place)
    {
        if (schema.TryGetProperty("allOf", out JsonElement all)
            && all.EnumerateArray().Select(part => Check(part, value, place)).FirstOrDefault(error => error is not null) is { } failed)
        {
            return failed;
        }

        if (schema.TryGetProperty("oneOf", out JsonElement one)
            && one.EnumerateArray().Count(choice => Check(choice, value, place) is null) is int matches and not 1)
        {
            return $"{place} fits {matches} of oneOf";
        }

        if (!schema.TryGetProperty("anyOf", out JsonElement any))
        {
            return null;
        }

        // {"nullable": true} alone stands for "or null" and says nothing of other values.
        string?[] errors = [.. any.EnumerateArray().Where(choice => !IsOnlyNullable(choice)).Select(choice => Check(choice, value, place))];
        return errors.Length == 0 || errors.Contains(null) ? null : $"{place} fits none of: {string.Join(" | ", errors)}";
    }

    private static bool IsOnlyNullable(JsonElement schema)
        => schema.EnumerateObject().All(property => property.NameEquals("nullable"));

    private static string? CheckType(JsonElement schema, JsonElement value, string place)
    {
        if (!schema.TryGetProperty("type", out JsonElement type))
        {
            return null;
        }

        bool fits = type.GetString() switch
        {
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" => value.ValueKind == JsonValueKind.Array,
            "string" => value.ValueKind == JsonValueKind.String && HasFormat(schema, value.GetString()!),
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "number" => value.ValueKind == JsonValueKind.Number,
            "integer" => value.ValueKind == JsonValueKind.Number && (value.TryGetInt64(out _) || value.TryGetUInt64(out _)),
            _ => throw new NotSupportedException($"type {type}"),
        };
        return fits ? null : $"{place} is no {type.GetString()}";
    }

    private static bool HasFormat(JsonElement schema, string text)
        => !schema.TryGetProperty("format", out JsonElement format) || format.GetString() switch
        {
            "uuid" => Guid.TryParse(text, out _),
            "date-time" => DateTimeOffset.TryParse(text, out _),
            _ => true,
        };

    private static string? CheckEnum(JsonElement schema, JsonElement value, string place)
        => schema.TryGetProperty("enum", out JsonElement values)
            && !values.EnumerateArray().Any(allowed => JsonElement.DeepEquals(allowed, value))
            ? $"{place} is none of {values.GetRawText()}"
            : null;

    private static string? CheckBounds(JsonElement schema, JsonElement value, string place)
    {
        bool isNumber = value.ValueKind == JsonValueKind.Number;
        bool isLow = isNumber && schema.TryGetProperty("minimum", out JsonElement minimum) && value.GetDouble() < minimum.GetDouble();
        bool isHigh = isNumber && schema.TryGetProperty("maximum", out JsonElement maximum) && value.GetDouble() > maximum.GetDouble();
        bool isShort = value.ValueKind == JsonValueKind.String
            && schema.TryGetProperty("minLength", out JsonElement length) && value.GetString()!.Length < length.GetInt32();
        return isLow || isHigh || isShort ? $"{place} is out of bounds" : null;
    }

    private string? CheckItems(JsonElement schema, JsonElement value, string place)
    {
        if (value.ValueKind != JsonValueKind.Array || !schema.TryGetProperty("items", out JsonElement items))
        {
            return null;
        }

        int index = 0;
        return value.EnumerateArray().Select(item => Check(items, item, $"{place}[{index++}]")).FirstOrDefault(error => error is not null);
    }

    private string? CheckProperties(JsonElement schema, JsonElement value, string place)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (schema.TryGetProperty("required", out JsonElement required)
            && required.EnumerateArray().FirstOrDefault(name => !value.TryGetProperty(name.GetString()!, out _)) is
            { ValueKind: JsonValueKind.String } missing)
        {
            return $"{place}.{missing.GetString()} is missing";
        }

        bool hasMap = schema.TryGetProperty("additionalProperties", out JsonElement map);
        if (!schema.TryGetProperty("properties", out JsonElement known) && !hasMap)
        {
            return null;
        }

        return value.EnumerateObject().Select(property => CheckProperty(known, map, property, place)).FirstOrDefault(e => e is not null);
    }

    private string? CheckProperty(JsonElement known, JsonElement map, JsonProperty property, string place)
    {
        string at = $"{place}.{property.Name}";
        if (known.ValueKind == JsonValueKind.Object && known.TryGetProperty(property.Name, out JsonElement schema))
        {
            return Check(schema, property.Value, at);
        }

        return map.ValueKind switch
        {
            JsonValueKind.True => null,
            JsonValueKind.Object => Check(map, property.Value, at),
            _ => $"{at} is not declared",
        };
    }
}
