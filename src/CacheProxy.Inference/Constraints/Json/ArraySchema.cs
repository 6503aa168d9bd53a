using System.Text.Json;
using static CacheProxy.Inference.Constraints.Grammar;

namespace CacheProxy.Inference.Constraints.Json;

/// <summary>Arrays: the items of <c>prefixItems</c> by their place, then any number of <c>items</c>, within the bounds.</summary>
internal static class ArraySchema
{
    public static GrammarNode Compile(SchemaReader schema, JsonSchemaCompiler compiler)
    {
        (int min, int? max) = schema.Lengths("minItems", "maxItems");
        GrammarNode[] prefix = schema.TryGet("prefixItems", out _)
            ? [.. JsonSchemaCompiler.Elements(schema, "prefixItems").Select((item, i) => compiler.Compile(item, $"{schema.PathOf("prefixItems")}[{i}]"))] : [];
        GrammarNode? item = ItemOf(schema, compiler);
        max = item is null ? Math.Min(max ?? int.MaxValue, prefix.Length) : max;
        if (max < min)
        {
            throw schema.Error("minItems", "asks for more items than the schema allows.");
        }

        if (prefix.Length == 0)
        {
            return JsonGrammar.Array(item ?? Nothing, min, max);
        }

        GrammarNode rest = item is null || max <= prefix.Length
            ? Empty : Repeat(JsonGrammar.Following(item), Math.Max(0, min - prefix.Length), max - prefix.Length);
        for (int i = Math.Min(prefix.Length, max ?? int.MaxValue) - 1; i >= 0; i--)
        {
            GrammarNode next = Sequence(i == 0 ? prefix[i] : JsonGrammar.Following(prefix[i]), rest);
            rest = i >= min ? Optional(next) : next;
        }

        return JsonGrammar.Enclosed("[", rest, "]");
    }

    /// <returns>Null where no items beyond the prefix are allowed.</returns>
    private static GrammarNode? ItemOf(SchemaReader schema, JsonSchemaCompiler compiler)
    {
        if (!schema.TryGet("items", out JsonElement items))
        {
            return JsonGrammar.Value;
        }

        return items.ValueKind switch
        {
            JsonValueKind.False => null,
            JsonValueKind.Array => throw schema.Error("items", "as an array is not supported: that is 'prefixItems' today."),
            _ => compiler.Compile(items, schema.PathOf("items")),
        };
    }
}
