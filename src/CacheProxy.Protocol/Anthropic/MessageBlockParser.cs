using System.Text.Json;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Protocol.Anthropic;

/// <summary>Reads the content blocks of one turn: tool results first, each a message, then what the turn says and calls.</summary>
internal sealed class MessageBlockParser(FieldReader turn, string role)
{
    private readonly List<ChatMessage> _results = [];
    private readonly List<ContentPart> _content = [];
    private readonly List<ToolCall> _calls = [];

    public IReadOnlyList<ChatMessage> Parse()
    {
        const string Expected = "a string or an array of content blocks";
        string path = turn.PathOf("content");
        if (turn.Any("content", required: true) is not { } value)
        {
            return [];
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            _content.Add(ContentPart.OfText(turn.TextOf(value, path, Expected) ?? "") with { Path = path });
        }
        else
        {
            foreach ((JsonElement item, string itemPath) in turn.Items("content", Expected) ?? [])
            {
                if (turn.ObjectOf(item, itemPath) is not { } block)
                {
                    break;
                }

                ParseBlock(block);
            }
        }

        return _content.Count == 0 && _calls.Count == 0 ? _results
            : [.. _results, new ChatMessage { Role = role, Content = _content, ToolCalls = _calls, Path = turn.Path }];
    }

    private void ParseBlock(FieldReader block)
    {
        string? type = block.Text("type", required: true);
        switch (type)
        {
            case "text":
                _content.Add(ContentPart.OfText(block.Text("text", required: true) ?? "") with { Path = block.Path });
                break;
            case "tool_use" when role == "assistant":
                _calls.Add(ParseCall(block));
                break;
            case "tool_result" when role == "user":
                _results.Add(ParseResult(block));
                break;
            case "thinking" or "redacted_thinking" when role == "assistant":
                // What a model that thinks has thought in earlier turns is not shown to one that does not.
                break;
            case not null:
                _content.Add(new ContentPart(type, null) { Path = block.Path });
                break;
        }
    }

    private static ToolCall ParseCall(FieldReader block)
    {
        block.Child("input", required: true);
        return new ToolCall
        {
            Id = block.Text("id", required: true),
            Type = "function",
            Function = new ToolCallFunction(block.Text("name", required: true), block.Any("input")?.GetRawText() ?? "{}"),
        };
    }

    private static ChatMessage ParseResult(FieldReader block)
    {
        block.Flag("is_error");
        return new ChatMessage
        {
            Role = "tool",
            ToolCallId = block.Text("tool_use_id", required: true),
            Content = block.Any("content") is null ? [ContentPart.OfText("")] : MessageTurnParser.ParseTexts(block, "content"),
            Path = block.Path,
        };
    }
}
