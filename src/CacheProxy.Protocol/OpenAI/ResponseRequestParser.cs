using System.Text.Json;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>Reads <see cref="ResponseRequest"/>; limits and words are those of OpenAI's specification.</summary>
internal static class ResponseRequestParser
{
    private const int MaxTopLogProbs = 20;
    private const int MaxMetadata = 16;
    private const string LogProbs = "message.output_text.logprobs";

    private static readonly string[] Includes =
    [
        "file_search_call.results", "web_search_call.results", "web_search_call.action.sources", "message.input_image.image_url", "computer_call_output.output.image_url",
        "code_interpreter_call.outputs", "reasoning.encrypted_content", LogProbs,
    ];

    public static ResponseRequest? Parse(FieldReader fields)
    {
        RefuseMemory(fields);
        FieldReader? text = fields.Child("text");
        SamplingParameters sampling = SamplingParametersParser.ParseExtensions(fields) with
        {
            Temperature = fields.Number("temperature", 0, 2),
            TopP = fields.Number("top_p", 0, 1),
            Format = text is null ? null : AnswerFormatParser.ParseTextFormat(text),
        };
        (bool stream, _) = SamplingParametersParser.ParseStream(fields);
        var chat = new ChatCompletionRequest
        {
            Model = fields.Text("model", required: true) ?? "",
            Messages = ResponseInputParser.Parse(fields),
            Sampling = sampling,
            Stream = stream,
            MaxTokens = (int?)fields.Integer("max_output_tokens", 1, int.MaxValue),
            MaxTokensParam = "max_output_tokens",
            TopLogProbs = ParseLogProbs(fields),
            Tools = ResponseToolParser.Parse(fields),
            ToolChoice = ToolChoiceParser.Parse(fields, isNested: false),
            ParallelToolCalls = fields.Flag("parallel_tool_calls") ?? true,
        };
        string truncation = ParseTruncation(fields);
        ResponseEcho echo = ParseEcho(fields, chat) with { Truncation = truncation };
        return fields.Error is null ? new ResponseRequest { Chat = chat, TruncatesPrompt = truncation == "auto", Echo = echo } : null;
    }

    /// <summary>Nothing is kept between requests. Answering as if it were would leave out what the client believes to be in the prompt.</summary>
    private static void RefuseMemory(FieldReader fields)
    {
        if (fields.Flag("store") == true)
        {
            fields.Fail(RequestError.UnsupportedValue("store", "Unsupported value: 'store' cannot be true: this server keeps no responses. Send false or leave it out."));
        }

        if (fields.Flag("background") == true)
        {
            fields.Fail(RequestError.UnsupportedValue("background", "Unsupported value: 'background' cannot be true: this server keeps no responses."));
        }

        foreach (string name in (string[])["previous_response_id", "conversation", "prompt"])
        {
            if (fields.Any(name) is not null)
            {
                fields.Fail(RequestError.Unsupported(
                    name, $"Unsupported parameter: '{name}': this server keeps nothing between requests. Send the whole conversation as 'input'."));
            }
        }
    }

    /// <summary>Log probabilities come only where they are included, with as many alternatives as <c>top_logprobs</c> says.</summary>
    private static int? ParseLogProbs(FieldReader fields)
    {
        long? top = fields.Integer("top_logprobs", 0, MaxTopLogProbs);
        bool wanted = false;
        foreach ((JsonElement item, string path) in fields.Items("include", "an array of strings") ?? [])
        {
            string? name = fields.TextOf(item, path, "a string");
            wanted |= name == LogProbs;
            if (name is not null && !Includes.Contains(name))
            {
                fields.Fail(RequestError.InvalidValue(path, $"'{name}'. Supported values are: '{string.Join("', '", Includes)}'."));
            }
        }

        return wanted ? (int)(top ?? 0) : null;
    }

    private static string ParseTruncation(FieldReader fields)
    {
        string truncation = fields.Text("truncation") ?? "disabled";
        if (truncation is not ("auto" or "disabled"))
        {
            fields.Fail(RequestError.InvalidValue("truncation", $"'{truncation}'. Supported values are: 'auto' and 'disabled'."));
        }

        return truncation;
    }

    private static ResponseEcho ParseEcho(FieldReader fields, ChatCompletionRequest chat)
    {
        var defaults = new ResponseEcho();
        CheckMetadata(fields);
        return new ResponseEcho
        {
            Instructions = fields.Text("instructions"),
            MaxOutputTokens = chat.MaxTokens,
            ParallelToolCalls = chat.ParallelToolCalls,
            Temperature = chat.Sampling.Temperature ?? defaults.Temperature,
            TopP = chat.Sampling.TopP ?? defaults.TopP,
            TopLogProbs = chat.TopLogProbs ?? defaults.TopLogProbs,
            Text = fields.Child("text")?.Child("format") is null ? defaults.Text : fields.Any("text")!.Value.GetRawText(),
            ToolChoice = fields.Any("tool_choice")?.GetRawText() ?? defaults.ToolChoice,
            Tools = fields.Any("tools")?.GetRawText() ?? defaults.Tools,
            Metadata = fields.Any("metadata")?.GetRawText() ?? defaults.Metadata,
        };
    }

    private static void CheckMetadata(FieldReader fields)
    {
        if (fields.Child("metadata") is not { } metadata)
        {
            return;
        }

        IReadOnlyList<string> names = metadata.Names();
        if (names.Count > MaxMetadata)
        {
            fields.Fail(new RequestError(
                $"Invalid 'metadata': too many properties. Expected at most {MaxMetadata}, but got {names.Count} instead.", "metadata", "object_above_max_properties"));
        }

        foreach (string name in names)
        {
            metadata.Text(name, required: true);
        }
    }
}
