using System.Text.Json;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.Record;

/// <summary>
/// The keywords of OpenAPI 3.1 that the providers' answers use. Properties that no schema names pass: providers send more than they declare.
/// </summary>
internal sealed class AnswerSchema(string path)
{
    private readonly JsonElement _schemas = Recording.Parse(File.ReadAllBytes(path)).GetProperty("components").GetProperty("schemas");

    public static AnswerSchema OpenAI { get; } = new(Recording.Fixture("openai-answers.schema.json"));

    /// <summary>Null where the specification is not there.</summary>
    public static AnswerSchema? Anthropic { get; } = Repository.Shared("contracts", "anthropic-openapi", "hosted_spec.json") is { } path ? new(path) : null;

    /// <summary>The first thing that does not fit, with its place; null when all does.</summary>
    public string? Check(string schema, JsonElement value) => Check(_schemas.GetProperty(schema), value, schema);

    /// <summary>The same for an event of the Responses API, by its type.</summary>
    public string? CheckEvent(JsonElement value)
    {
        string type = value.GetProperty("type").GetString()!;
        JsonElement known = _schemas.GetProperty("ResponseStreamEvent").GetProperty("anyOf").EnumerateArray().Select(Resolve)
            .FirstOrDefault(schema => TypesOf(schema).Contains(type));
        return known.ValueKind == JsonValueKind.Undefined ? $"{type} is no event" : Check(known, value, type);
    }

    private static IEnumerable<string?> TypesOf(JsonElement schema)
        => schema.TryGetProperty("properties", out JsonElement properties) && properties.GetProperty("type").TryGetProperty("enum", out JsonElement values)
            ? values.EnumerateArray().Select(value => value.GetString())
            : [];

    private JsonElement Resolve(JsonElement schema)
        => schema.TryGetProperty("$ref", out JsonElement reference) ? _schemas.GetProperty(reference.GetString()!.Split('/')[^1]) : schema;

    private string? Check(JsonElement unresolved, JsonElement value, string place)
    {
        JsonElement schema = Resolve(unresolved);
        if (value.ValueKind == JsonValueKind.Null && schema.TryGetProperty("nullable", out JsonElement nullable) && nullable.GetBoolean())
        {
            return null;
        }

        return CheckParts(schema, value, place) ?? CheckType(schema, value, place) ?? CheckProperties(schema, value, place) ?? CheckItems(schema, value, place);
    }

    private string? CheckParts(JsonElement schema, JsonElement value, string place)
    {
        if (schema.TryGetProperty("allOf", out JsonElement all)
            && all.EnumerateArray().Select(part => Check(part, value, place)).FirstOrDefault(error => error is not null) is { } failed)
        {
            return failed;
        }

        foreach (string choice in (string[])["anyOf", "oneOf"])
        {
            if (schema.TryGetProperty(choice, out JsonElement any))
            {
                if (schema.TryGetProperty("discriminator", out JsonElement discriminator) && discriminator.TryGetProperty("mapping", out _))
                {
                    return CheckMapped(discriminator, value, place);
                }

                string?[] errors = [.. any.EnumerateArray().Select(part => Check(part, value, place))];
                if (!errors.Contains(null))
                {
                    return $"{place} fits none of: {string.Join(" | ", errors)}";
                }
            }
        }

        return null;
    }

    // What the mapping does not name is younger than the specification: blocks, deltas and events were added since.
    private string? CheckMapped(JsonElement discriminator, JsonElement value, string place)
    {
        string name = discriminator.GetProperty("propertyName").GetString()!;
        if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out JsonElement kind) || kind.ValueKind != JsonValueKind.String)
        {
            return $"{place}.{name} is missing";
        }

        return discriminator.GetProperty("mapping").TryGetProperty(kind.GetString()!, out JsonElement mapped)
            ? Check(_schemas.GetProperty(mapped.GetString()!.Split('/')[^1]), value, place)
            : null;
    }

    private static string? CheckType(JsonElement schema, JsonElement value, string place)
    {
        if (schema.TryGetProperty("enum", out JsonElement values) && !values.EnumerateArray().Any(allowed => JsonElement.DeepEquals(allowed, value)))
        {
            return $"{place} is none of {values.GetRawText()}";
        }

        if (!schema.TryGetProperty("type", out JsonElement type) || type.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        bool fits = type.ValueKind == JsonValueKind.Array
            ? type.EnumerateArray().Any(one => IsOf(one.GetString()!, value))
            : IsOf(type.GetString()!, value);
        return fits ? null : $"{place} is no {type}";
    }

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        _ => throw new NotSupportedException(type),
    };

    private string? CheckProperties(JsonElement schema, JsonElement value, string place)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (schema.TryGetProperty("required", out JsonElement required)
            && required.EnumerateArray().FirstOrDefault(name => !value.TryGetProperty(name.GetString()!, out _)) is { ValueKind: JsonValueKind.String } missing)
        {
            return $"{place}.{missing} is missing";
        }

        return schema.TryGetProperty("properties", out JsonElement properties)
            ? properties.EnumerateObject().Where(known => value.TryGetProperty(known.Name, out _))
                .Select(known => Check(known.Value, value.GetProperty(known.Name), $"{place}.{known.Name}")).FirstOrDefault(error => error is not null)
            : null;
    }

    private string? CheckItems(JsonElement schema, JsonElement value, string place)
    {
        int index = 0;
        return value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out JsonElement items)
            ? value.EnumerateArray().Select(item => Check(items, item, $"{place}[{index++}]")).FirstOrDefault(error => error is not null)
            : null;
    }
}
