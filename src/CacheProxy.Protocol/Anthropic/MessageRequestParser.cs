using System.Text.Json;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Protocol.Anthropic;

/// <summary>Reads <see cref="MessageRequest"/>; limits and words are those of Anthropic's API.</summary>
internal static class MessageRequestParser
{
    private const int MaxStops = 64;

    public static MessageRequest? Parse(FieldReader fields, bool isCount)
    {
        RefuseUnsupported(fields);
        (ToolChoice choice, bool isParallel) = MessageToolParser.ParseChoice(fields);
        SamplingParameters sampling = SamplingParametersParser.ParseExtensions(fields) with
        {
            Temperature = fields.Number("temperature", 0, 1),
            TopP = fields.Number("top_p", 0, 1),
            Stop = ParseStop(fields),
            Format = ParseFormat(fields),
        };
        if (!isCount)
        {
            fields.Any("max_tokens", required: true);
        }

        var chat = new ChatCompletionRequest
        {
            Model = fields.Text("model", required: true) ?? "",
            Messages = MessageTurnParser.Parse(fields),
            Sampling = sampling,
            Stream = fields.Flag("stream") ?? false,
            MaxTokens = (int?)fields.Integer("max_tokens", 1, int.MaxValue),
            MaxTokensParam = "max_tokens",
            Tools = MessageToolParser.ParseTools(fields),
            ToolChoice = choice,
            ParallelToolCalls = isParallel,
        };
        return fields.Error is null ? new MessageRequest { Chat = chat } : null;
    }

    private static void RefuseUnsupported(FieldReader fields)
    {
        string? thinking = fields.Child("thinking")?.Text("type", required: true);
        if (thinking is not (null or "disabled"))
        {
            fields.Fail(RequestError.UnsupportedValue("thinking.type", $"'thinking.type: {thinking}' is not supported: this server's models do not think. Send 'disabled' or leave it out."));
        }

        foreach (string name in (string[])["container", "mcp_servers"])
        {
            if (fields.Any(name) is { } value && (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > 0))
            {
                fields.Fail(RequestError.Unsupported(name, $"'{name}' is not supported: this server runs no tools itself."));
            }
        }
    }

    private static IReadOnlyList<string> ParseStop(FieldReader fields)
    {
        IReadOnlyList<(JsonElement Value, string Path)> items = fields.Items("stop_sequences", "an array of strings") ?? [];
        if (items.Count > MaxStops)
        {
            fields.Fail(RequestError.InvalidValue("stop_sequences", $"at most {MaxStops} are allowed, but got {items.Count}."));
        }

        var stops = new List<string>(items.Count);
        foreach ((JsonElement item, string path) in items)
        {
            string? text = fields.TextOf(item, path, "a string");
            if (text is "")
            {
                fields.Fail(RequestError.InvalidValue(path, "must not be empty."));
            }

            stops.Add(text ?? "");
        }

        return stops;
    }

    private static AnswerFormat? ParseFormat(FieldReader fields)
    {
        if (fields.Child("output_config")?.Child("format") is not { } format || format.Text("type", required: true) is not { } type)
        {
            return null;
        }

        if (type != "json_schema")
        {
            fields.Fail(RequestError.InvalidValue(format.PathOf("type"), $"'{type}'. The supported value is: 'json_schema'."));
        }

        return format.Child("schema", required: true) is null ? null
            : new AnswerFormat(AnswerFormatKind.JsonSchema, format.PathOf("schema")) { Text = format.Any("schema")!.Value.GetRawText() };
    }
}
