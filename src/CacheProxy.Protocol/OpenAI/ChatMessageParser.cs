using System.Text.Json;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>Reads the <c>messages</c> of a chat request.</summary>
internal static class ChatMessageParser
{
    private const string RolesText = "'developer', 'system', 'user', 'assistant', 'tool', and 'function'";

    public static IReadOnlyList<ChatMessage> Parse(FieldReader fields)
    {
        IReadOnlyList<(JsonElement Value, string Path)>? items = fields.Items("messages", "an array of objects", required: true);
        if (items is { Count: 0 })
        {
            fields.Fail(new RequestError(
                "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.", "messages", "empty_array"));
        }

        var messages = new List<ChatMessage>(items?.Count ?? 0);
        foreach ((JsonElement item, string path) in items ?? [])
        {
            if (fields.ObjectOf(item, path) is not { } message || ParseMessage(message) is not { } parsed)
            {
                break;
            }

            messages.Add(parsed);
        }

        return messages;
    }

    private static ChatMessage? ParseMessage(FieldReader message)
    {
        string? role = message.Text("role", required: true);
        if (role is not (null or "developer" or "system" or "user" or "assistant" or "tool" or "function"))
        {
            message.Fail(RequestError.InvalidValue(message.PathOf("role"), $"'{role}'. Supported values are: {RolesText}."));
        }

        IReadOnlyList<ToolCall> calls = [.. (message.Items("tool_calls", "an array of objects") ?? []).Select(call => ParseCall(message, call.Value, call.Path))];
        string? name = message.Text("name");
        string? callId = message.Text("tool_call_id", required: role == "tool");
        IReadOnlyList<ContentPart> content = ParseContent(message, isRequired: !MayLackContent(message, role, calls.Count));
        return message.Error is null
            ? new ChatMessage { Role = role!, Content = content, Name = name, ToolCallId = callId, ToolCalls = calls, Path = message.Path }
            : null;
    }

    private static ToolCall ParseCall(FieldReader message, JsonElement value, string path)
    {
        FieldReader? call = message.ObjectOf(value, path);
        string? type = call?.Text("type") ?? "function";
        if (type != "function")
        {
            message.Fail(RequestError.InvalidValue($"{path}.type", $"'{type}'. The supported value is: 'function'."));
        }

        FieldReader? function = call?.Child("function", required: true);
        return new ToolCall
        {
            Id = call?.Text("id"),
            Type = type,
            Function = new ToolCallFunction(function?.Text("name", required: true), function?.Text("arguments") ?? "{}"),
        };
    }

    private static bool MayLackContent(FieldReader message, string? role, int callCount)
        => role == "function" || (role == "assistant" && (callCount > 0 || message.Any("function_call") is not null || message.Any("refusal") is not null || message.Any("audio") is not null));

    private static IReadOnlyList<ContentPart> ParseContent(FieldReader message, bool isRequired)
    {
        const string Expected = "a string or an array of content parts";
        string path = message.PathOf("content");
        if (message.Any("content") is not { } value)
        {
            if (isRequired)
            {
                message.Fail(message.Has("content") ? RequestError.WrongType(path, Expected, "null") : RequestError.Missing(path));
            }

            return [];
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            return [ContentPart.OfText(message.TextOf(value, path, Expected) ?? "") with { Path = path }];
        }

        IReadOnlyList<(JsonElement Value, string Path)> items = message.Items("content", Expected) ?? [];
        if (items.Count == 0)
        {
            message.Fail(new RequestError($"Invalid '{path}': empty array. Expected an array with minimum length 1, but got an empty array instead.", path, "empty_array"));
        }

        return [.. items.Select(item => ParsePart(message, item.Value, item.Path))];
    }

    private static ContentPart ParsePart(FieldReader message, JsonElement value, string path)
    {
        FieldReader? part = message.ObjectOf(value, path);
        string type = part?.Text("type", required: true) ?? "";
        return new ContentPart(type, type is "text" or "refusal" ? part?.Text(type, required: true) ?? "" : null) { Path = path };
    }
}
