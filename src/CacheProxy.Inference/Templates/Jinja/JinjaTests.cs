namespace CacheProxy.Inference.Templates.Jinja;

/// <summary>What may stand behind 'is'.</summary>
internal static class JinjaTests
{
    public static bool Apply(string id, object? value, JinjaCall call) => id switch
    {
        "defined" => value is not JinjaUndefined,
        "undefined" => value is JinjaUndefined,
        "none" => value is null,
        "string" => value is JinjaText,
        "mapping" => value is JinjaMap,
        "iterable" => value is JinjaText or List<object?> or JinjaMap,
        "sequence" => value is JinjaText or List<object?> or JinjaMap,
        "number" => JinjaValue.AsNumber(value) is not null,
        "integer" => value is long,
        "float" => value is double,
        "boolean" => value is bool,
        "true" => value is true,
        "false" => value is false,
        "callable" => value is JinjaFunction,
        "even" => Integer(value, call) % 2 == 0,
        "odd" => Integer(value, call) % 2 != 0,
        "divisibleby" => call.Integer(0, "num", 0) is var by && by != 0 ? Integer(value, call) % by == 0 : throw call.Error("division by zero"),
        "lower" => value is JinjaText text && text.Value == text.Value.ToLowerInvariant(),
        "upper" => value is JinjaText text && text.Value == text.Value.ToUpperInvariant(),
        "sameas" => ReferenceEquals(value, call.Need(0, "other")) || (value is bool or null && Equals(value, call.Get(0, "other"))),
        "in" => JinjaValue.Contains(call.Need(0, "seq"), value, call.Line),
        "eq" or "equalto" => JinjaValue.AreEqual(value, call.Need(0, "other")),
        "ne" => !JinjaValue.AreEqual(value, call.Need(0, "other")),
        "lt" or "lessthan" => JinjaValue.Compare(value, call.Need(0, "other"), call.Line) < 0,
        "le" => JinjaValue.Compare(value, call.Need(0, "other"), call.Line) <= 0,
        "gt" or "greaterthan" => JinjaValue.Compare(value, call.Need(0, "other"), call.Line) > 0,
        "ge" => JinjaValue.Compare(value, call.Need(0, "other"), call.Line) >= 0,
        _ => throw call.Error($"unknown test '{id}'"),
    };

    private static long Integer(object? value, JinjaCall call) =>
        value as long? ?? throw call.Error($"{JinjaValue.NameOf(value)} is no integer");
}
