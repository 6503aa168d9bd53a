using System.Text;
using System.Text.Json;

namespace CacheProxy.Inference.Constraints.Json;

/// <summary>
/// Whether a value can fit two of the alternatives of a <c>oneOf</c>, which would make it invalid. Certain where types or
/// constants differ; everything else counts as an overlap.
/// </summary>
internal sealed class SchemaOverlap(JsonSchemaCompiler compiler)
{
    private const int MaxReferences = 16;

    public bool AreDisjoint(IReadOnlyList<JsonElement> schemas, string path)
    {
        SchemaReader[] resolved = [.. schemas.Select((schema, i) => Follow(new SchemaReader(schema, $"{path}[{i}]")))];
        return !resolved.Where((left, i) => resolved.Skip(i + 1).Any(right => MayOverlap(left, right))).Any();
    }

    private bool MayOverlap(SchemaReader left, SchemaReader right)
    {
        if (left.Schema.ValueKind != JsonValueKind.Object || right.Schema.ValueKind != JsonValueKind.Object)
        {
            return true;
        }

        (HashSet<string> leftTypes, HashSet<string> rightTypes) = (TypesOf(left), TypesOf(right));
        if (leftTypes.Count > 0 && rightTypes.Count > 0 && !leftTypes.Overlaps(rightTypes))
        {
            return false;
        }

        return !HaveDifferentConstants(left, right)
            && !RequiredOf(left).Intersect(RequiredOf(right)).Any(name => HaveDifferentConstants(PropertyOf(left, name), PropertyOf(right, name)));
    }

    private static bool HaveDifferentConstants(SchemaReader left, SchemaReader right)
    {
        (HashSet<string>? leftValues, HashSet<string>? rightValues) = (ConstantsOf(left), ConstantsOf(right));
        return leftValues is not null && rightValues is not null && !leftValues.Overlaps(rightValues);
    }

    private SchemaReader PropertyOf(SchemaReader schema, string name)
        => schema.TryGet("properties", out JsonElement properties) && properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(name, out JsonElement property)
            ? Follow(new SchemaReader(property, schema.PathOf("properties"))) : default;

    private SchemaReader Follow(SchemaReader schema)
    {
        for (int step = 0; step < MaxReferences && schema.Schema.ValueKind == JsonValueKind.Object && schema.TryGet("$ref", out _); step++)
        {
            schema = schema with { Schema = compiler.Resolve(schema) };
        }

        return schema;
    }

    // Integers are numbers.
    private static HashSet<string> TypesOf(SchemaReader schema)
        => [.. SchemaKeywords.TypesOf(schema.Schema, schema.Path).Select(type => type == "integer" ? "number" : type)];

    private static IEnumerable<string> RequiredOf(SchemaReader schema)
        => schema.TryGet("required", out JsonElement names) && names.ValueKind == JsonValueKind.Array
            ? names.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!) : [];

    // Numbers can be written in several ways; only other values are compared by their text.
    private static HashSet<string>? ConstantsOf(SchemaReader schema)
    {
        if (schema.Schema.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        JsonElement[] values = schema.TryGet("const", out JsonElement single) ? [single]
            : schema.TryGet("enum", out JsonElement several) && several.ValueKind == JsonValueKind.Array ? [.. several.EnumerateArray()] : [];
        return values.Length > 0 && values.All(value => value.ValueKind is JsonValueKind.String or JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null)
            ? [.. values.Select(value => Encoding.UTF8.GetString(JsonSchemaCompiler.ToCanonical(value)))] : null;
    }
}
