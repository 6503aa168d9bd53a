using System.Text.Json;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>Reads <see cref="ChatCompletionRequest"/>; limits and words are those of OpenAI's specification.</summary>
internal static class ChatCompletionRequestParser
{
    private const int MaxTopLogProbs = 20;

    public static ChatCompletionRequest? Parse(FieldReader fields)
    {
        string? model = fields.Text("model", required: true);
        IReadOnlyList<ChatMessage> messages = ChatMessageParser.Parse(fields);
        SamplingParameters sampling = SamplingParametersParser.Parse(fields);
        (bool stream, bool includeUsage) = SamplingParametersParser.ParseStream(fields);
        (int? maxTokens, string maxTokensParam) = ParseMaxTokens(fields);
        var request = new ChatCompletionRequest
        {
            Model = model ?? "",
            Messages = messages,
            Sampling = sampling,
            Stream = stream,
            IncludeUsage = includeUsage,
            MaxTokens = maxTokens,
            MaxTokensParam = maxTokensParam,
            TopLogProbs = ParseLogProbs(fields),
            Tools = ParseTools(fields),
            ToolChoice = ToolChoiceParser.Parse(fields, isNested: true),
            ParallelToolCalls = fields.Flag("parallel_tool_calls") ?? true,
            Modalities = ParseModalities(fields),
        };
        return fields.Error is null ? request : null;
    }

    private static (int? MaxTokens, string Param) ParseMaxTokens(FieldReader fields)
    {
        long? current = fields.Integer("max_completion_tokens", 1, int.MaxValue);
        long? older = fields.Integer("max_tokens", 1, int.MaxValue);
        if (current is not null && older is not null)
        {
            fields.Fail(new RequestError("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.", "max_tokens", "invalid_parameter_combination"));
        }

        return ((int?)(current ?? older), current is null && older is not null ? "max_tokens" : "max_completion_tokens");
    }

    private static int? ParseLogProbs(FieldReader fields)
    {
        bool wanted = fields.Flag("logprobs") ?? false;
        long? top = fields.Integer("top_logprobs", 0, MaxTopLogProbs);
        if (top is not null && !wanted)
        {
            fields.Fail(RequestError.InvalidValue("top_logprobs", "only allowed when 'logprobs' is true."));
        }

        return wanted ? (int)(top ?? 0) : null;
    }

    public static IReadOnlyList<ToolDefinition> ParseTools(FieldReader fields)
    {
        var tools = new List<ToolDefinition>();
        foreach ((JsonElement item, string path) in fields.Items("tools", "an array of objects") ?? [])
        {
            if (fields.ObjectOf(item, path) is not { } tool || tool.Text("type", required: true) is not { } type)
            {
                break;
            }

            FieldReader? function = type == "function" ? tool.Child("function", required: true) : null;
            string? name = function?.Text("name", required: true);
            string? parameters = function?.Child("parameters") is null ? null : function.Any("parameters")?.GetRawText();
            tools.Add(new ToolDefinition(type, name, parameters, item.GetRawText()));
        }

        return tools;
    }

    private static IReadOnlyList<string> ParseModalities(FieldReader fields)
        => [.. (fields.Items("modalities", "an array of strings") ?? []).Select(item => fields.TextOf(item.Value, item.Path, "a string") ?? "")];
}
