using System.Text.Json;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Protocol.Anthropic;

/// <summary>Reads <c>system</c> and <c>messages</c> of a message request as the messages of a chat.</summary>
internal static class MessageTurnParser
{
    public static IReadOnlyList<ChatMessage> Parse(FieldReader fields)
    {
        var messages = new List<ChatMessage>();
        if (fields.Any("system") is { } system && !(system.ValueKind == JsonValueKind.String && system.ValueEquals(""u8)))
        {
            messages.Add(new ChatMessage { Role = "system", Content = ParseTexts(fields, "system"), Path = "system" });
        }

        IReadOnlyList<(JsonElement Value, string Path)>? items = fields.Items("messages", "an array of objects", required: true);
        foreach ((JsonElement item, string path) in items ?? [])
        {
            if (fields.ObjectOf(item, path) is not { } turn)
            {
                break;
            }

            AddTurn(turn, messages);
        }

        if (messages is [] or [{ Role: "system" }])
        {
            fields.Fail(RequestError.InvalidValue("messages", "at least one message with content is required."));
        }

        if (messages is [.., { Role: "assistant" } last] && (last.ToolCalls.Count > 0 || messages.All(message => message.Role != "user")))
        {
            // Text of the assistant's is the beginning of the answer; a call waits for its result.
            fields.Fail(RequestError.InvalidValue("messages", "they must end with a turn of the user, or with text of the assistant to go on from."));
        }

        return messages;
    }

    private static void AddTurn(FieldReader turn, List<ChatMessage> messages)
    {
        string? role = turn.Text("role", required: true);
        switch (role)
        {
            case "system":
                messages.Add(new ChatMessage { Role = role, Content = ParseTexts(turn, "content"), Path = turn.Path });
                break;
            case "user" or "assistant":
                var blocks = new MessageBlockParser(turn, role);
                foreach (ChatMessage message in blocks.Parse())
                {
                    AddOrJoin(message, messages);
                }

                break;
            case not null:
                turn.Fail(RequestError.InvalidValue(turn.PathOf("role"), $"'{role}'. Supported values are: 'user', 'assistant', and 'system'."));
                break;
        }
    }

    private static void AddOrJoin(ChatMessage message, List<ChatMessage> messages)
    {
        if (message.Role != "tool" && messages is [.., var last] && last.Role == message.Role)
        {
            messages[^1] = last with { Content = [.. last.Content, .. message.Content], ToolCalls = [.. last.ToolCalls, .. message.ToolCalls] };
            return;
        }

        messages.Add(message);
    }

    /// <summary>A string or text blocks.</summary>
    internal static IReadOnlyList<ContentPart> ParseTexts(FieldReader fields, string name)
    {
        const string Expected = "a string or an array of content blocks";
        string path = fields.PathOf(name);
        if (fields.Any(name, required: true) is not { } value)
        {
            return [];
        }

        return value.ValueKind == JsonValueKind.String
            ? [ContentPart.OfText(fields.TextOf(value, path, Expected) ?? "") with { Path = path }]
            : [.. (fields.Items(name, Expected) ?? []).Select(item => ParseText(fields, item.Value, item.Path))];
    }

    private static ContentPart ParseText(FieldReader fields, JsonElement value, string path)
    {
        FieldReader? block = fields.ObjectOf(value, path);
        string type = block?.Text("type", required: true) ?? "";
        return new ContentPart(type, type == "text" ? block?.Text("text", required: true) ?? "" : null) { Path = path };
    }
}
