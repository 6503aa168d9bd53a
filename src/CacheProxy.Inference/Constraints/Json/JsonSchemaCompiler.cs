using System.Text.Encodings.Web;
using System.Text.Json;
using static CacheProxy.Inference.Constraints.Grammar;

namespace CacheProxy.Inference.Constraints.Json;

/// <summary>
/// From a JSON schema to the grammar of exactly the documents it allows, or fewer: properties come in the order of the
/// schema, an object with <c>properties</c> is closed unless <c>additionalProperties</c> opens it, and numbers, white space and
/// nesting are bounded. What cannot be enforced is refused with its path, never ignored.
/// </summary>
internal sealed class JsonSchemaCompiler
{
    private const int MaxNesting = 100;

    private static readonly JsonWriterOptions Canonical = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly JsonElement _root;
    private readonly Dictionary<string, RuleNode> _rules = [];
    private int _nesting;

    private JsonSchemaCompiler(JsonElement root) => _root = root;

    /// <exception cref="ConstraintException">The schema is malformed or asks for what is not supported.</exception>
    public static GrammarNode Compile(JsonElement schema) => new JsonSchemaCompiler(schema).Compile(schema, "");

    public GrammarNode Compile(JsonElement schema, string path)
    {
        if (schema.ValueKind == JsonValueKind.True)
        {
            return JsonGrammar.Value;
        }

        if (schema.ValueKind != JsonValueKind.Object)
        {
            throw new ConstraintException(path, schema.ValueKind == JsonValueKind.False ? "allows no value at all." : "must be a schema: an object or a boolean.");
        }

        if (++_nesting > MaxNesting)
        {
            throw new ConstraintException(path, $"is nested more than {MaxNesting} schemas deep.");
        }

        SchemaKeywords.RefuseUnsupported(schema, path);
        GrammarNode node = CompileCombined(new SchemaReader(schema, path)) ?? CompileTypes(new SchemaReader(schema, path));
        _nesting--;
        return node;
    }

    /// <summary>The schema that a local reference leads to.</summary>
    public JsonElement Resolve(SchemaReader schema)
    {
        string reference = schema.Text("$ref") ?? "";
        if (!reference.StartsWith('#'))
        {
            throw schema.Error("$ref", $"'{reference}' is not supported: only references into the same schema are, as in '#/$defs/name'.");
        }

        JsonElement target = _root;
        foreach (string step in Uri.UnescapeDataString(reference[1..]).Split('/').Skip(1))
        {
            string name = step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            bool isFound = target.ValueKind switch
            {
                JsonValueKind.Object => target.TryGetProperty(name, out target),
                JsonValueKind.Array when int.TryParse(name, out int index) && (uint)index < (uint)target.GetArrayLength() => (target = target[index]).ValueKind >= 0,
                _ => false,
            };
            if (!isFound)
            {
                throw schema.Error("$ref", $"'{reference}' leads nowhere.");
            }
        }

        return target;
    }

    private GrammarNode? CompileCombined(SchemaReader schema)
    {
        if (schema.TryGet("$ref", out _))
        {
            SchemaKeywords.RefuseBeside(schema.Schema, "$ref", schema.Path);
            return CompileReference(schema);
        }

        foreach (string keyword in (ReadOnlySpan<string>)["const", "enum"])
        {
            if (schema.TryGet(keyword, out JsonElement values))
            {
                SchemaKeywords.RefuseBeside(schema.Schema, keyword, schema.Path, allowed: "type");
                return CompileValues(schema, keyword, keyword == "const" ? [values] : Elements(schema, keyword));
            }
        }

        foreach (string keyword in (ReadOnlySpan<string>)["anyOf", "oneOf", "allOf"])
        {
            if (schema.TryGet(keyword, out _))
            {
                SchemaKeywords.RefuseBeside(schema.Schema, keyword, schema.Path);
                return CompileAlternatives(schema, keyword);
            }
        }

        return null;
    }

    private RuleNode CompileReference(SchemaReader schema)
    {
        string reference = schema.Text("$ref") ?? "";
        if (!_rules.TryGetValue(reference, out RuleNode? rule))
        {
            _rules[reference] = rule = new RuleNode();
            JsonElement target = Resolve(schema);
            rule.Body = Compile(target, string.Join('.', reference.Split('/').Skip(1)));
        }

        return rule;
    }

    private static ChoiceNode CompileValues(SchemaReader schema, string keyword, IReadOnlyList<JsonElement> values)
    {
        IReadOnlyList<string> types = schema.TryGet("type", out _) ? SchemaKeywords.TypesOf(schema.Schema, schema.Path) : [];
        GrammarNode[] literals =
            [.. values.Where(value => types.Count == 0 || types.Any(type => IsOfType(value, type))).Select(value => Literal(ToCanonical(value)))];
        return literals.Length > 0 ? new ChoiceNode(literals) : throw schema.Error(keyword, "holds no value of the type that the schema asks for.");
    }

    private GrammarNode CompileAlternatives(SchemaReader schema, string keyword)
    {
        IReadOnlyList<JsonElement> options = Elements(schema, keyword);
        if (keyword == "allOf" && options.Count > 1)
        {
            throw schema.Error(keyword, "of more than one schema is not supported.");
        }

        if (keyword == "oneOf" && !new SchemaOverlap(this).AreDisjoint(options, schema.PathOf(keyword)))
        {
            throw schema.Error(keyword, "is supported only for alternatives of different types or with different constants in a required property. Use 'anyOf'.");
        }

        return Choice([.. options.Select((option, i) => Compile(option, $"{schema.PathOf(keyword)}[{i}]"))]);
    }

    private GrammarNode CompileTypes(SchemaReader schema)
    {
        IReadOnlyList<string> types = SchemaKeywords.TypesOf(schema.Schema, schema.Path);
        return types.Count == 0 ? JsonGrammar.Value : Choice([.. types.Select(type => CompileType(schema, type))]);
    }

    private GrammarNode CompileType(SchemaReader schema, string type) => type switch
    {
        "object" => ObjectSchema.Compile(schema, this),
        "array" => ArraySchema.Compile(schema, this),
        "string" => StringSchema.Compile(schema),
        "integer" => NumberSchema.CompileInteger(schema),
        "number" => NumberSchema.CompileNumber(schema),
        "boolean" => JsonGrammar.Boolean,
        _ => JsonGrammar.Null,
    };

    public static IReadOnlyList<JsonElement> Elements(SchemaReader schema, string keyword)
        => schema.TryGet(keyword, out JsonElement values) && values.ValueKind == JsonValueKind.Array && values.GetArrayLength() > 0
            ? values.GetArrayLength() <= ConstraintFactory.MaxAlternatives ? [.. values.EnumerateArray()] : throw TooMany(schema, keyword)
            : throw schema.Error(keyword, "must be an array with at least one element.");

    public static ConstraintException TooMany(SchemaReader schema, string keyword)
        => schema.Error(keyword, $"has more than {ConstraintFactory.MaxAlternatives} elements.");

    public static bool IsOfType(JsonElement value, string type) => value.ValueKind switch
    {
        JsonValueKind.Object => type == "object",
        JsonValueKind.Array => type == "array",
        JsonValueKind.String => type == "string",
        JsonValueKind.Number => type == "number" || (type == "integer" && value.TryGetDecimal(out decimal number) && number == decimal.Truncate(number)),
        JsonValueKind.True or JsonValueKind.False => type == "boolean",
        _ => type == "null",
    };

    /// <summary>The value without white space, its text in UTF-8 as far as JSON allows.</summary>
    public static byte[] ToCanonical(JsonElement value)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Canonical))
        {
            value.WriteTo(writer);
        }

        return buffer.ToArray();
    }
}
