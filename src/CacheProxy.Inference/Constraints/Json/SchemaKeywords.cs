using System.Collections.Frozen;
using System.Text.Json;

namespace CacheProxy.Inference.Constraints.Json;

/// <summary>Which words of JSON Schema say something about a value, and about which kind of value.</summary>
internal static class SchemaKeywords
{
    /// <summary>Assertions that no automaton here enforces: accepting them would promise what is not kept.</summary>
    private static readonly FrozenSet<string> Unsupported = FrozenSet.ToFrozenSet(
    [
        "not", "if", "then", "else", "patternProperties", "propertyNames", "minProperties", "maxProperties", "dependentRequired",
        "dependentSchemas", "dependencies", "unevaluatedProperties", "unevaluatedItems", "contains", "minContains", "maxContains",
        "additionalItems", "$dynamicRef", "$recursiveRef",
    ]);

    private static readonly FrozenDictionary<string, string> TypeOfKeyword = new Dictionary<string, string>
    {
        ["properties"] = "object",
        ["required"] = "object",
        ["additionalProperties"] = "object",
        ["items"] = "array",
        ["prefixItems"] = "array",
        ["minItems"] = "array",
        ["maxItems"] = "array",
        ["uniqueItems"] = "array",
        ["pattern"] = "string",
        ["minLength"] = "string",
        ["maxLength"] = "string",
        ["format"] = "string",
        ["minimum"] = "number",
        ["maximum"] = "number",
        ["exclusiveMinimum"] = "number",
        ["exclusiveMaximum"] = "number",
        ["multipleOf"] = "number",
    }.ToFrozenDictionary();

    private static readonly FrozenSet<string> Combining = FrozenSet.ToFrozenSet(["type", "enum", "const", "$ref", "anyOf", "oneOf", "allOf"]);

    /// <exception cref="ConstraintException">The schema asserts what is not supported.</exception>
    public static void RefuseUnsupported(JsonElement schema, string path)
    {
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            if (Unsupported.Contains(keyword.Name) || keyword is { Name: "uniqueItems", Value.ValueKind: JsonValueKind.True })
            {
                throw new ConstraintException(PathOf(path, keyword.Name), $"'{keyword.Name}' is not supported.");
            }
        }
    }

    /// <summary>Refuses assertions beside one that is served alone; annotations may stand there.</summary>
    public static void RefuseBeside(JsonElement schema, string keyword, string path, string? allowed = null)
    {
        foreach (JsonProperty other in schema.EnumerateObject())
        {
            if (other.Name != keyword && other.Name != allowed && (Combining.Contains(other.Name) || TypeOfKeyword.ContainsKey(other.Name)))
            {
                throw new ConstraintException(PathOf(path, other.Name), $"'{other.Name}' is not supported beside '{keyword}'.");
            }
        }
    }

    /// <summary>The types that a schema allows, by its <c>type</c> or else by its other keywords; empty: any.</summary>
    public static IReadOnlyList<string> TypesOf(JsonElement schema, string path)
    {
        if (!schema.TryGetProperty("type", out JsonElement type))
        {
            return [.. schema.EnumerateObject().Select(keyword => TypeOfKeyword.GetValueOrDefault(keyword.Name)).OfType<string>().Distinct()];
        }

        JsonElement[] names = type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray()] : [type];
        if (names.Length == 0 || names.Any(name => name.ValueKind != JsonValueKind.String || !IsType(name.GetString()!)))
        {
            throw new ConstraintException(
                PathOf(path, "type"), "must be one or several of 'object', 'array', 'string', 'number', 'integer', 'boolean' and 'null'.");
        }

        return [.. names.Select(name => name.GetString()!).Distinct()];
    }

    public static string PathOf(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static bool IsType(string name) => name is "object" or "array" or "string" or "number" or "integer" or "boolean" or "null";
}
