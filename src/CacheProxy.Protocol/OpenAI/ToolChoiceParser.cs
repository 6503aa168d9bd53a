using System.Text.Json;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>Reads <c>tool_choice</c> of OpenAI's dialects.</summary>
internal static class ToolChoiceParser
{
    /// <param name="isNested">What belongs to a type lies in an object of its name, as in a chat; else beside the type.</param>
    public static ToolChoice Parse(FieldReader fields, bool isNested)
    {
        if (fields.Any("tool_choice") is not { } value)
        {
            return ToolChoice.Auto;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return ParseWord(fields, fields.TextOf(value, "tool_choice", "a string or an object"), "tool_choice", allowsNone: true);
        }

        FieldReader? choice = fields.ObjectOf(value, "tool_choice");
        string? type = choice?.Text("type", required: true);
        switch (type)
        {
            case null:
                return ToolChoice.Auto;
            case "function":
                return new ToolChoice(ToolChoiceKind.Function, NameOf(choice!, isNested));
            case "allowed_tools":
                return (isNested ? choice!.Child(type, required: true) : choice) is { } allowed ? ParseAllowed(allowed, isNested) : ToolChoice.Auto;
            default:
                fields.Fail(RequestError.UnsupportedValue("tool_choice.type", $"Unsupported value: '{type}'. Supported values are: 'function' and 'allowed_tools'."));
                return ToolChoice.Auto;
        }
    }

    private static ToolChoice ParseAllowed(FieldReader allowed, bool isNested)
    {
        ToolChoice choice = ParseWord(allowed, allowed.Text("mode", required: true), allowed.PathOf("mode"), allowsNone: false);
        var names = new List<string>();
        foreach ((JsonElement item, string path) in allowed.Items("tools", "an array of objects", required: true) ?? [])
        {
            if (allowed.ObjectOf(item, path) is not { } tool || tool.Text("type", required: true) is not { } type)
            {
                break;
            }

            if (type != "function")
            {
                tool.Fail(RequestError.UnsupportedValue(tool.PathOf("type"), $"Unsupported value: '{type}'. The supported value is: 'function'."));
            }

            names.Add(NameOf(tool, isNested) ?? "");
        }

        return choice with { Allowed = names };
    }

    private static string? NameOf(FieldReader tool, bool isNested) => (isNested ? tool.Child("function", required: true) : tool)?.Text("name", required: true);

    private static ToolChoice ParseWord(FieldReader fields, string? word, string path, bool allowsNone)
    {
        switch (word)
        {
            case "auto":
                return ToolChoice.Auto;
            case "required":
                return new ToolChoice(ToolChoiceKind.Required);
            case "none" when allowsNone:
                return new ToolChoice(ToolChoiceKind.None);
            default:
                fields.Fail(RequestError.InvalidValue(path, $"'{word}'. Supported values are: {(allowsNone ? "'none', " : "")}'auto' and 'required'."));
                return ToolChoice.Auto;
        }
    }
}
