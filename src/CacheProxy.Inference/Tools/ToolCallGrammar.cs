using System.Text.Json;
using CacheProxy.Inference.Constraints;
using CacheProxy.Inference.Constraints.Json;
using CacheProxy.Inference.Generation;
using static CacheProxy.Inference.Constraints.Grammar;

namespace CacheProxy.Inference.Tools;

/// <summary>Answers that are nothing but tool calls in a model's own format, the arguments as each function's schema wants them.</summary>
public static class ToolCallGrammar
{
    private const int MaxParallelCalls = 16;

    /// <param name="functions">Those that may be called, at least one.</param>
    /// <param name="isParallel">Several calls in one answer.</param>
    /// <param name="schemaPath">Where a tool of the request has its schema, for errors.</param>
    /// <exception cref="ConstraintException">A schema cannot be held; the path begins with the function's place in the list.</exception>
    public static ITokenConstraint Create(
        ConstraintFactory factory, ToolCallFormat format, IReadOnlyList<ToolFunction> functions, bool isParallel, string schemaPath = "function.parameters")
    {
        string key = string.Join('\0', functions.Select(function => $"{function.Name}\0{function.Parameters}"));
        return factory.Get($"tools {format.Name} {isParallel}", key, _ => Build(format, functions, isParallel, schemaPath));
    }

    private static GrammarNode Build(ToolCallFormat format, IReadOnlyList<ToolFunction> functions, bool isParallel, string schemaPath)
    {
        GrammarNode call = Sequence(
            Literal(format.CallOpen), Choice([.. functions.Select((function, i) => CallOf(format, function, function.Index ?? i, schemaPath))]), Literal(format.CallClose));
        GrammarNode calls = isParallel ? Sequence(call, Repeat(Sequence(Literal(format.Separator), call), 0, MaxParallelCalls - 1)) : call;
        return Sequence(Literal(format.ListOpen), calls, Literal(format.ListClose));
    }

    private static GrammarNode CallOf(ToolCallFormat format, ToolFunction function, int index, string schemaPath) => Sequence(
        Literal($"{{\"name\": \"{JsonText.Escape(function.Name)}\", \"{format.ArgumentsKey}\": "),
        ArgumentsOf(function, index, schemaPath),
        Literal("}"));

    private static GrammarNode ArgumentsOf(ToolFunction function, int index, string schemaPath)
    {
        using JsonDocument schema = JsonDocument.Parse(function.Parameters ?? "{\"type\":\"object\",\"properties\":{}}");
        try
        {
            return AllowsAnything(schema.RootElement) ? JsonGrammar.AnyObject : JsonSchemaCompiler.Compile(schema.RootElement);
        }
        catch (ConstraintException refusal)
        {
            throw new ConstraintException($"[{index}].{schemaPath}{(refusal.Path.Length == 0 ? "" : ".")}{refusal.Path}", refusal.Message);
        }
    }

    // Arguments are an object even where the schema forgets to say so.
    private static bool AllowsAnything(JsonElement schema)
        => schema.ValueKind == JsonValueKind.True || (schema.ValueKind == JsonValueKind.Object && schema.GetPropertyCount() == 0);
}
