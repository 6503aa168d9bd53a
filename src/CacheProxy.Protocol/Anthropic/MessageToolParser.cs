using System.Text.Json;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Protocol.Anthropic;

/// <summary>Reads <c>tools</c> and <c>tool_choice</c> of a message request.</summary>
internal static class MessageToolParser
{
    public static IReadOnlyList<ToolDefinition> ParseTools(FieldReader fields)
    {
        var tools = new List<ToolDefinition>();
        foreach ((JsonElement item, string path) in fields.Items("tools", "an array of objects") ?? [])
        {
            if (fields.ObjectOf(item, path) is not { } tool)
            {
                break;
            }

            // A tool without a type is the client's own; the others are Anthropic's, known to its models alone.
            string type = tool.Text("type") ?? "custom";
            tools.Add(type == "custom"
                ? ToolDefinition.OfFunction(tool.Text("name", required: true) ?? "", tool.Text("description"), SchemaOf(tool))
                : new ToolDefinition(type, null, null, item.GetRawText()));
        }

        return tools;
    }

    public static (ToolChoice Choice, bool IsParallel) ParseChoice(FieldReader fields)
    {
        if (fields.Child("tool_choice") is not { } choice)
        {
            return (ToolChoice.Auto, true);
        }

        bool isParallel = choice.Flag("disable_parallel_tool_use") != true;
        string? type = choice.Text("type", required: true);
        switch (type)
        {
            case "any":
                return (new ToolChoice(ToolChoiceKind.Required), isParallel);
            case "tool":
                return (new ToolChoice(ToolChoiceKind.Function, choice.Text("name", required: true)), isParallel);
            case "none":
                return (new ToolChoice(ToolChoiceKind.None), isParallel);
            case null or "auto":
                return (ToolChoice.Auto, isParallel);
            default:
                choice.Fail(RequestError.InvalidValue("tool_choice.type", $"'{type}'. Supported values are: 'auto', 'any', 'tool', and 'none'."));
                return (ToolChoice.Auto, isParallel);
        }
    }

    private static string? SchemaOf(FieldReader tool)
        => tool.Child("input_schema", required: true) is null ? null : tool.Any("input_schema")?.GetRawText();
}
