using System.Text.Json;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>Reads a <c>tool_choice</c> that is one word.</summary>
internal static class ToolChoiceWords
{
    public static ToolChoice Parse(FieldReader fields, JsonElement value)
    {
        string? word = fields.TextOf(value, "tool_choice", "a string or an object");
        switch (word)
        {
            case "auto":
                return ToolChoice.Auto;
            case "none":
                return new ToolChoice(ToolChoiceKind.None);
            case "required":
                return new ToolChoice(ToolChoiceKind.Required);
            default:
                fields.Fail(RequestError.InvalidValue("tool_choice", $"'{word}'. Supported values are: 'none', 'auto', and 'required'."));
                return ToolChoice.Auto;
        }
    }
}
