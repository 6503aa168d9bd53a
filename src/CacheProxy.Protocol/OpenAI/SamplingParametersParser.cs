using System.Globalization;
using System.Text.Json;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>Reads what chat and text completions have in common.</summary>
internal static class SamplingParametersParser
{
    private const int MaxStops = 4;
    private const int MaxChoices = 128;
    private const int MaxLogitBias = 300;
    private const int MaxSpeculate = 64;
    private const double MaxRepetitionPenalty = 100;

    public static SamplingParameters Parse(FieldReader fields) => ParseExtensions(fields) with
    {
        Temperature = fields.Number("temperature", 0, 2),
        TopP = fields.Number("top_p", 0, 1),
        PresencePenalty = fields.Number("presence_penalty", -2, 2),
        FrequencyPenalty = fields.Number("frequency_penalty", -2, 2),
        Choices = (int)(fields.Integer("n", 1, MaxChoices) ?? 1),
        Stop = ParseStop(fields),
        LogitBias = ParseLogitBias(fields),
        Format = AnswerFormatParser.Parse(fields),
    };

    /// <summary>What the engine takes beyond the APIs, under the same names in every dialect.</summary>
    public static SamplingParameters ParseExtensions(FieldReader fields) => new()
    {
        TopK = ParseTopK(fields),
        MinP = fields.Number("min_p", 0, 1),
        Seed = fields.Integer("seed", long.MinValue, long.MaxValue),
        RepetitionPenalty = ParseRepetitionPenalty(fields),
        MinTokens = (int)(fields.Integer("min_tokens", 0, int.MaxValue) ?? 0),
        IgnoreEndOfSequence = fields.Flag("ignore_eos") ?? false,
        Priority = (int)(fields.Integer("priority", int.MinValue, int.MaxValue) ?? 0),
        Speculate = (int?)fields.Integer("speculate", 0, MaxSpeculate),
    };

    /// <summary><c>stream</c> and <c>stream_options</c>, which is allowed only beside <c>stream: true</c>.</summary>
    public static (bool Stream, bool IncludeUsage) ParseStream(FieldReader fields)
    {
        bool stream = fields.Flag("stream") ?? false;
        FieldReader? options = fields.Child("stream_options");
        if (options is not null && !stream)
        {
            fields.Fail(RequestError.InvalidValue("stream_options", "only allowed when 'stream' is true."));
        }

        return (stream, options?.Flag("include_usage") ?? false);
    }

    // -1 is how vLLM's clients spell "off".
    private static int? ParseTopK(FieldReader fields) => fields.Integer("top_k", -1, int.MaxValue) is { } k ? (int)Math.Max(k, 0) : null;

    private static IReadOnlyList<string> ParseStop(FieldReader fields)
    {
        if (fields.Any("stop") is not { } value)
        {
            return [];
        }

        IReadOnlyList<(JsonElement Value, string Path)> items = value.ValueKind == JsonValueKind.String
            ? [(value, "stop")] : fields.Items("stop", "a string or an array of strings") ?? [];
        if (items.Count > MaxStops)
        {
            fields.Fail(new RequestError($"Invalid 'stop': array too long. Expected at most {MaxStops} items, but got {items.Count} instead.", "stop", "array_above_max_length"));
            return [];
        }

        var stops = new List<string>(items.Count);
        foreach ((JsonElement item, string path) in items)
        {
            string? text = fields.TextOf(item, path, "a string");
            if (text is "")
            {
                fields.Fail(new RequestError($"Invalid '{path}': empty string. Expected a string with minimum length 1.", path, "empty_string"));
            }

            stops.Add(text ?? "");
        }

        return stops;
    }

    private static double? ParseRepetitionPenalty(FieldReader fields)
    {
        double? penalty = fields.Number("repetition_penalty", 0, MaxRepetitionPenalty);
        if (penalty is 0)
        {
            fields.Fail(RequestError.InvalidValue("repetition_penalty", "must be above 0."));
        }

        return penalty;
    }

    private static Dictionary<int, float>? ParseLogitBias(FieldReader fields)
    {
        if (fields.Child("logit_bias") is not { } bias || bias.Names() is not { Count: > 0 } names)
        {
            return null;
        }

        if (names.Count > MaxLogitBias)
        {
            fields.Fail(new RequestError(
                $"Invalid 'logit_bias': too many properties. Expected at most {MaxLogitBias}, but got {names.Count} instead.", "logit_bias", "object_above_max_properties"));
            return null;
        }

        var values = new Dictionary<int, float>(names.Count);
        foreach (string name in names)
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int token) || !values.TryAdd(token, (float)(bias.Number(name, -100, 100) ?? 0)))
            {
                fields.Fail(RequestError.InvalidValue("logit_bias", $"'{name}' is no token id. The keys are ids of the model's vocabulary, each once."));
                return null;
            }
        }

        return values;
    }
}
