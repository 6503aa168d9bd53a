using System.Text.Json;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>Reads <c>instructions</c> and <c>input</c> of a response request as the messages of a chat.</summary>
internal static class ResponseInputParser
{
    private const string Expected = "a string or an array of input items";

    public static IReadOnlyList<ChatMessage> Parse(FieldReader fields)
    {
        var messages = new List<ChatMessage>();
        if (fields.Text("instructions") is { } instructions)
        {
            messages.Add(Message("system", "instructions", [ContentPart.OfText(instructions) with { Path = "instructions" }]));
        }

        if (fields.Any("input", required: true) is not { } input)
        {
            return messages;
        }

        if (input.ValueKind == JsonValueKind.String)
        {
            messages.Add(Message("user", "input", [ContentPart.OfText(fields.TextOf(input, "input", Expected) ?? "") with { Path = "input" }]));
            return messages;
        }

        IReadOnlyList<(JsonElement Value, string Path)> items = fields.Items("input", Expected) ?? [];
        if (items.Count == 0)
        {
            fields.Fail(new RequestError("Invalid 'input': empty array. Expected an array with minimum length 1, but got an empty array instead.", "input", "empty_array"));
        }

        foreach ((JsonElement value, string path) in items)
        {
            if (fields.ObjectOf(value, path) is not { } item)
            {
                break;
            }

            Add(item, messages);
        }

        return messages;
    }

    private static void Add(FieldReader item, List<ChatMessage> messages)
    {
        string type = item.Text("type") ?? (item.Has("role") ? "message" : "item_reference");
        switch (type)
        {
            case "message":
                messages.Add(ParseMessage(item));
                break;
            case "function_call":
                AddCall(item, messages);
                break;
            case "function_call_output":
                messages.Add(Message("tool", item.Path, ParseContent(item, "output")) with { ToolCallId = item.Text("call_id", required: true) });
                break;
            case "reasoning":
                // What a model that reasons has thought in earlier turns is not shown to one that does not.
                break;
            default:
                string problem = type == "item_reference" ? "this server keeps no items. Send the item itself." : "this server has no such tool.";
                item.Fail(RequestError.UnsupportedValue(item.PathOf("type"), $"Unsupported item type '{type}': {problem}"));
                break;
        }
    }

    private static ChatMessage ParseMessage(FieldReader item)
    {
        string? role = item.Text("role", required: true);
        if (role is not (null or "developer" or "system" or "user" or "assistant"))
        {
            item.Fail(RequestError.InvalidValue(item.PathOf("role"), $"'{role}'. Supported values are: 'assistant', 'system', 'developer', and 'user'."));
        }

        return Message(role ?? "", item.Path, ParseContent(item, "content"));
    }

    /// <summary>Text and calls of one answer are several items here and one message of a chat.</summary>
    private static void AddCall(FieldReader item, List<ChatMessage> messages)
    {
        var call = new ToolCall
        {
            Id = item.Text("call_id", required: true),
            Type = "function",
            Function = new ToolCallFunction(item.Text("name", required: true), item.Text("arguments", required: true) ?? "{}"),
        };
        if (messages is [.., { Role: "assistant" } last])
        {
            messages[^1] = last with { ToolCalls = [.. last.ToolCalls, call] };
            return;
        }

        messages.Add(Message("assistant", item.Path, []) with { ToolCalls = [call] });
    }

    private static IReadOnlyList<ContentPart> ParseContent(FieldReader item, string name)
    {
        const string Content = "a string or an array of content parts";
        string path = item.PathOf(name);
        if (item.Any(name, required: true) is not { } value)
        {
            return [];
        }

        return value.ValueKind == JsonValueKind.String
            ? [ContentPart.OfText(item.TextOf(value, path, Content) ?? "") with { Path = path }]
            : [.. (item.Items(name, Content) ?? []).Select(part => ParsePart(item, part.Value, part.Path))];
    }

    private static ContentPart ParsePart(FieldReader item, JsonElement value, string path)
    {
        FieldReader? part = item.ObjectOf(value, path);
        string type = part?.Text("type", required: true) ?? "";
        string? text = type is "input_text" or "output_text" ? part?.Text("text", required: true) ?? ""
            : type == "refusal" ? part?.Text("refusal", required: true) ?? "" : null;
        return new ContentPart(type, text) { Path = path };
    }

    private static ChatMessage Message(string role, string path, IReadOnlyList<ContentPart> content) => new() { Role = role, Content = content, Path = path };
}
