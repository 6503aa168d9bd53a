using System.Text.Json;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>Reads <c>tools</c> of a response request: a function's fields lie beside its type.</summary>
internal static class ResponseToolParser
{
    public static IReadOnlyList<ToolDefinition> Parse(FieldReader fields)
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

    /// <returns>The schema's JSON; null: none is given.</returns>
    private static string? ParametersOf(FieldReader tool, string name) => tool.Child(name) is null ? null : tool.Any(name)?.GetRawText();
}
