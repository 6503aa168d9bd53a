using System.Text.Json;
using System.Text.Json.Nodes;
using CacheProxy.Inference.Templates;
using CacheProxy.Protocol.OpenAI;
using RequestMessage = CacheProxy.Protocol.OpenAI.ChatMessage;
using TemplateMessage = CacheProxy.Inference.Templates.ChatMessage;

namespace CacheProxy.Inference.Server.Models;

/// <summary>A request's messages and tools as chat templates expect them.</summary>
internal static class TemplateMessages
{
    /// <exception cref="PromptException">A call in the messages has arguments that are no JSON object.</exception>
    public static ChatTemplateInput ToInput(IReadOnlyList<RequestMessage> messages, IReadOnlyList<ToolDefinition> tools) => new()
    {
        Messages = [.. messages.Select(ToTemplate)],
        Tools = tools.Count == 0 ? null : JsonElement.Parse($"[{string.Join(',', tools.Select(tool => tool.Json))}]"),
    };

    // The developer role is OpenAI's newer name of the system role; templates know the older one.
    private static TemplateMessage ToTemplate(RequestMessage message)
        => new(message.Role == "developer" ? "system" : message.Role, message.Content.Count == 0 ? null : message.Text)
        {
            Name = message.Name,
            ToolCallId = message.ToolCallId,
            ToolCalls = message.ToolCalls.Count == 0 ? null : JsonElement.Parse(new JsonArray([.. message.ToolCalls.Select(ToTemplate)]).ToJsonString()),
        };

    // Templates print the arguments themselves, so they want the object and not its text.
    private static JsonObject ToTemplate(ToolCall call) => new()
    {
        ["id"] = call.Id,
        ["type"] = call.Type,
        ["function"] = new JsonObject { ["name"] = call.Function!.Name, ["arguments"] = ParseArguments(call.Function) },
    };

    private static JsonObject ParseArguments(ToolCallFunction function)
    {
        try
        {
            if (JsonNode.Parse(function.Arguments ?? "{}") is JsonObject arguments)
            {
                return arguments;
            }
        }
        catch (JsonException)
        {
        }

        throw new PromptException($"the arguments of a call of '{function.Name}' are not the text of a JSON object.");
    }
}
