using System.Diagnostics.CodeAnalysis;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>Body of <c>POST /v1/completions</c>, checked. Fields that it does not name are ignored.</summary>
public sealed record CompletionRequest
{
    /// <summary>What OpenAI generates where the request does not say.</summary>
    public const int DefaultMaxTokens = 16;

    public required string Model { get; init; }

    /// <summary>At least one.</summary>
    public required IReadOnlyList<TextInput> Prompts { get; init; }

    public required SamplingParameters Sampling { get; init; }

    public bool Stream { get; init; }

    /// <summary><c>stream_options.include_usage</c>.</summary>
    public bool IncludeUsage { get; init; }

    /// <summary>0: the prompt is only computed.</summary>
    public int MaxTokens { get; init; } = DefaultMaxTokens;

    /// <summary><c>logprobs</c>: null: none; else how many alternatives per token, 0 to 5.</summary>
    public int? TopLogProbs { get; init; }

    /// <summary>The prompt is to be part of the answer.</summary>
    public bool Echo { get; init; }

    /// <summary>Text that follows the answer; null: none.</summary>
    public string? Suffix { get; init; }

    /// <summary>Generate this many, answer with the likeliest; at least <see cref="SamplingParameters.Choices"/>.</summary>
    public int BestOf { get; init; } = 1;

    /// <param name="error">What is wrong, the field named.</param>
    public static bool TryParse(
        ReadOnlyMemory<byte> body, [NotNullWhen(true)] out CompletionRequest? request, [NotNullWhen(false)] out RequestError? error)
        => RequestBody.TryParse(body, Parse, out request, out error);

    private static CompletionRequest? Parse(FieldReader fields)
    {
        string? model = fields.Text("model", required: true);
        IReadOnlyList<TextInput> prompts = TextInputParser.Parse(fields, "prompt");
        SamplingParameters sampling = SamplingParametersParser.Parse(fields);
        (bool stream, bool includeUsage) = SamplingParametersParser.ParseStream(fields);
        var request = new CompletionRequest
        {
            Model = model ?? "",
            Prompts = prompts,
            Sampling = sampling,
            Stream = stream,
            IncludeUsage = includeUsage,
            MaxTokens = (int)(fields.Integer("max_tokens", 0, int.MaxValue) ?? DefaultMaxTokens),
            TopLogProbs = (int?)fields.Integer("logprobs", 0, 5),
            Echo = fields.Flag("echo") ?? false,
            Suffix = fields.Text("suffix"),
            BestOf = (int)(fields.Integer("best_of", 1, 20) ?? sampling.Choices),
        };
        if (request.BestOf < sampling.Choices)
        {
            fields.Fail(RequestError.InvalidValue("best_of", $"must be at least 'n', which is {sampling.Choices}."));
        }

        return fields.Error is null ? request : null;
    }
}
