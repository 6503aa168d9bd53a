using System.Text;
using System.Text.Json;
using CacheProxy.Inference.Constraints.Text;
using static CacheProxy.Inference.Constraints.Grammar;

namespace CacheProxy.Inference.Constraints.Json;

/// <summary>Objects: the declared properties in their order, those that are not required left out or not, then others where they are allowed.</summary>
internal static class ObjectSchema
{
    // Each character of a name is a level of the grammar of all other names.
    private const int MaxNameLength = 256;

    public static GrammarNode Compile(SchemaReader schema, JsonSchemaCompiler compiler)
    {
        JsonProperty[] properties = PropertiesOf(schema);
        string[] names = [.. properties.Select(property => property.Name)];
        HashSet<string> required = RequiredOf(schema, names);
        GrammarNode? additional = AdditionalOf(schema, compiler, names);

        // Built from the end: what may come where nothing has been written yet, and where a comma is due first.
        GrammarNode rest = additional is null ? Empty : Repeat(JsonGrammar.Following(additional), 0, null);
        GrammarNode first = additional is null ? Empty : Optional(Sequence(additional, rest));
        foreach (JsonProperty property in properties.Reverse())
        {
            GrammarNode value = compiler.Compile(property.Value, SchemaKeywords.PathOf(schema.PathOf("properties"), property.Name));
            GrammarNode member = JsonGrammar.Member(Literal($"\"{JsonText.Escape(property.Name)}\""), value);
            GrammarNode asFirst = Sequence(member, rest);
            GrammarNode asNext = Sequence(JsonGrammar.Following(member), rest);
            bool isRequired = required.Contains(property.Name);
            first = isRequired ? asFirst : Choice(asFirst, first);
            rest = isRequired ? asNext : Choice(asNext, rest);
        }

        return JsonGrammar.Enclosed("{", first, "}");
    }

    private static JsonProperty[] PropertiesOf(SchemaReader schema)
        => !schema.TryGet("properties", out JsonElement properties) ? []
        : properties.ValueKind != JsonValueKind.Object ? throw schema.Error("properties", "must be an object.")
        : properties.GetPropertyCount() > ConstraintFactory.MaxAlternatives ? throw JsonSchemaCompiler.TooMany(schema, "properties")
        : properties.EnumerateObject().Any(property => property.Name.Length > MaxNameLength)
            ? throw schema.Error("properties", $"has a name of more than {MaxNameLength} characters.") : [.. properties.EnumerateObject()];

    private static HashSet<string> RequiredOf(SchemaReader schema, string[] names)
    {
        if (!schema.TryGet("required", out JsonElement required))
        {
            return [];
        }

        if (required.ValueKind != JsonValueKind.Array || required.EnumerateArray().Any(name => name.ValueKind != JsonValueKind.String))
        {
            throw schema.Error("required", "must be an array of strings.");
        }

        HashSet<string> set = [.. required.EnumerateArray().Select(name => name.GetString()!)];
        return set.Except(names).FirstOrDefault() is { } stranger
            ? throw schema.Error("required", $"names '{stranger}', which is not in 'properties'.") : set;
    }

    /// <returns>A member beyond those declared, or null where there are none.</returns>
    private static GrammarNode? AdditionalOf(SchemaReader schema, JsonSchemaCompiler compiler, string[] names)
    {
        bool isGiven = schema.TryGet("additionalProperties", out JsonElement additional);
        if (isGiven ? additional.ValueKind == JsonValueKind.False : schema.TryGet("properties", out _))
        {
            return null;
        }

        GrammarNode value = isGiven ? compiler.Compile(additional, schema.PathOf("additionalProperties")) : JsonGrammar.Value;
        GrammarNode key = names.Length == 0 ? JsonText.Instance.AnyText : KeyOtherThan([.. names.Select(name => name.EnumerateRunes().ToArray())], 0);
        return JsonGrammar.Member(JsonGrammar.String(key), value);
    }

    /// <summary>Any text but these. Up to the character that makes the difference each is written in one way only, or an escape could spell a name.</summary>
    private static GrammarNode KeyOtherThan(IReadOnlyList<Rune[]> names, int depth)
    {
        var options = new List<GrammarNode>();
        if (!names.Any(name => name.Length == depth))
        {
            options.Add(Empty);
        }

        CodePointSet others = CodePointSet.All;
        foreach (IGrouping<Rune, Rune[]> sameNext in names.Where(name => name.Length > depth).GroupBy(name => name[depth]))
        {
            CodePointSet next = CodePointSet.Of((sameNext.Key.Value, sameNext.Key.Value));
            options.Add(Sequence(JsonText.Instance.Of(next), KeyOtherThan([.. sameNext], depth + 1)));
            others = others.Except(next);
        }

        options.Add(Sequence(JsonText.Instance.Of(others), JsonText.Instance.AnyText));
        return Choice(options);
    }
}
