using System.Text.Json;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>Reads <c>tools</c> and <c>tool_choice</c> of a response request: a function's fields lie beside its type.</summary>
internal static class ResponseToolParser
{
    public static IReadOnlyList<ToolDefinition> ParseTools(FieldReader fields)
    {
        var tools = new List<ToolDefinition>();
        foreach ((JsonElement item, string path) in fields.Items("tools", "an array of objects") ?? [])
        {
            if (fields.ObjectOf(item, path) is not { } tool || tool.Text("type", required: true) is not { } type)
            {
                break;
            }

            tools.Add(type == "function"
                ? ToolDefinition.OfFunction(tool.Text("name", required: true) ?? "", tool.Text("description"), ParametersOf(tool, "parameters"))
                : new ToolDefinition(type, null, null, item.GetRawText()));
        }

        return tools;
    }

    public static ToolChoice ParseChoice(FieldReader fields)
    {
        if (fields.Any("tool_choice") is not { } value)
        {
            return ToolChoice.Auto;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return ToolChoiceWords.Parse(fields, value);
        }

        FieldReader? choice = fields.ObjectOf(value, "tool_choice");
        string? type = choice?.Text("type", required: true);
        if (type is not (null or "function"))
        {
            fields.Fail(RequestError.UnsupportedValue("tool_choice.type", $"Unsupported value: '{type}'. The supported value is: 'function'."));
        }

        return new ToolChoice(ToolChoiceKind.Function, type is null ? null : choice!.Text("name", required: true));
    }

    /// <returns>The schema's JSON; null: none is given.</returns>
    public static string? ParametersOf(FieldReader tool, string name) => tool.Child(name) is null ? null : tool.Any(name)?.GetRawText();
}
