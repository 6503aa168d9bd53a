using System.Text.Json.Nodes;

namespace CacheProxy.Inference.Tests.Constraints;

/// <summary>Random schemas out of everything that is supported.</summary>
internal sealed class SchemaGenerator(int seed)
{
    private static readonly string[] Names = ["a", "name", "name2", "größe", "with \"quotes\"", "back\\slash", "tab\t", "emoji 🌍", "x"];
    private static readonly string[] Patterns = ["^[a-z]{2,5}$", "^(foo|bar)+\\d?$", "colou?r", "^\\w+@\\w+\\.(com|org)$", "^[^\"\\\\x]+$", "^\\s\\S.$", "^[\\u00e4-\\u00fc🌍]+$", "a|^b$"];
    private static readonly string[] Formats = ["date-time", "date", "time", "duration", "email", "hostname", "uuid", "ipv4", "ipv6"];

    private readonly Random _random = new(seed);

    public JsonObject Next()
    {
        JsonObject schema = Schema(3);
        if (schema.ToJsonString().Contains("#/$defs/node", StringComparison.Ordinal))
        {
            schema["$defs"] = new JsonObject
            {
                ["node"] = JsonNode.Parse("""
                    {"type":"object","properties":{"value":{"type":"integer"},"next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]},
                     "children":{"type":"array","items":{"$ref":"#/$defs/node"},"maxItems":2}},"required":["value","next"],"additionalProperties":false}
                    """),
            };
        }

        return schema;
    }

    private JsonObject Schema(int depth) => _random.Next(depth > 0 ? 11 : 6) switch
    {
        0 => String(),
        1 => Integer(),
        2 => Number(),
        3 => new JsonObject { ["type"] = new JsonArray("boolean", "null") },
        4 => new JsonObject { ["enum"] = new JsonArray("red", "gr\"een", 3, -1.5, null, true, new JsonArray(1, new JsonObject { ["k"] = "v" })) },
        5 => new JsonObject { ["const"] = Names[_random.Next(Names.Length)] },
        6 or 7 => Object(depth),
        8 => Array(depth),
        9 => new JsonObject { ["anyOf"] = new JsonArray(Schema(depth - 1), Schema(depth - 1)), ["description"] = "either" },
        _ => new JsonObject { ["$ref"] = "#/$defs/node" },
    };

    private JsonObject String()
    {
        var schema = new JsonObject { ["type"] = "string" };
        switch (_random.Next(4))
        {
            case 0:
                schema["pattern"] = Patterns[_random.Next(Patterns.Length)];
                break;
            case 1:
                schema["format"] = Formats[_random.Next(Formats.Length)];
                break;
            case 2:
                int min = _random.Next(4);
                schema["minLength"] = min;
                schema["maxLength"] = min + _random.Next(1, _random.Next(2) == 0 ? 6 : 300);
                break;
        }

        return schema;
    }

    private JsonObject Integer()
    {
        var schema = new JsonObject { ["type"] = "integer" };
        long low = _random.NextInt64(-2000, 2000);
        Bound(schema, _random.Next(5), low, low + _random.NextInt64(_random.Next(2) == 0 ? 5 : 5000));
        return schema;
    }

    private JsonObject Number()
    {
        var schema = new JsonObject { ["type"] = "number" };
        decimal low = Math.Round((decimal)((_random.NextDouble() * 40) - 20), _random.Next(4));
        Bound(schema, _random.Next(5), low, low + Math.Round((decimal)(_random.NextDouble() * 3) + 0.01m, 3));
        return schema;
    }

    private void Bound(JsonObject schema, int kind, decimal low, decimal high)
    {
        bool isInteger = (string?)schema["type"] == "integer";
        if (kind is 0 or 2)
        {
            schema[_random.Next(2) == 0 ? "minimum" : "exclusiveMinimum"] = low;
        }

        if (kind is 1 or 2)
        {
            schema[_random.Next(2) == 0 ? "maximum" : "exclusiveMaximum"] = high + (isInteger ? 2 : 0);
        }
    }

    private JsonObject Object(int depth)
    {
        var properties = new JsonObject();
        foreach (string name in Names.OrderBy(_ => _random.Next()).Take(_random.Next(5)))
        {
            properties[name] = Schema(depth - 1);
        }

        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties };
        schema["required"] = new JsonArray([.. properties.Select(property => property.Key).Where(_ => _random.Next(3) > 0).Select(name => JsonValue.Create(name))]);
        JsonNode? additional = _random.Next(4) switch { 0 => true, 1 => Schema(0), 2 => false, _ => null };
        if (additional is not null)
        {
            schema["additionalProperties"] = additional;
        }

        return schema;
    }

    private JsonObject Array(int depth)
    {
        var schema = new JsonObject { ["type"] = "array", ["items"] = Schema(depth - 1) };
        int min = _random.Next(4);
        if (_random.Next(3) == 0)
        {
            schema["prefixItems"] = new JsonArray(Schema(depth - 1), Schema(depth - 1));
        }

        if (_random.Next(2) == 0)
        {
            schema["minItems"] = min;
        }

        if (_random.Next(2) == 0)
        {
            schema["maxItems"] = min + _random.Next(3);
        }

        return schema;
    }
}
