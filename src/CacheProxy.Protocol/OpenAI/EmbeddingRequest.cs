using System.Diagnostics.CodeAnalysis;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>Body of <c>POST /v1/embeddings</c>, checked. Fields that it does not name are ignored.</summary>
public sealed record EmbeddingRequest
{
    public required string Model { get; init; }

    /// <summary>At least one.</summary>
    public required IReadOnlyList<TextInput> Inputs { get; init; }

    /// <summary><c>encoding_format: base64</c>; else numbers.</summary>
    public bool IsBase64 { get; init; }

    /// <summary>Wanted length of the vectors; null: the model's.</summary>
    public int? Dimensions { get; init; }

    /// <param name="error">What is wrong, the field named.</param>
    public static bool TryParse(
        ReadOnlyMemory<byte> body, [NotNullWhen(true)] out EmbeddingRequest? request, [NotNullWhen(false)] out RequestError? error)
        => RequestBody.TryParse(body, Parse, out request, out error);

    private static EmbeddingRequest? Parse(FieldReader fields)
    {
        string? model = fields.Text("model", required: true);
        IReadOnlyList<TextInput> inputs = TextInputParser.Parse(fields, "input");
        int empty = inputs.ToList().FindIndex(input => input.Text is "");
        if (empty >= 0)
        {
            string param = inputs.Count == 1 ? "input" : $"input[{empty}]";
            fields.Fail(new RequestError($"Invalid '{param}': empty string. Expected a string with minimum length 1.", param, "empty_string"));
        }

        string? format = fields.Text("encoding_format");
        if (format is not (null or "float" or "base64"))
        {
            fields.Fail(RequestError.InvalidValue("encoding_format", $"'{format}'. Supported values are: 'float' and 'base64'."));
        }

        var request = new EmbeddingRequest
        {
            Model = model ?? "",
            Inputs = inputs,
            IsBase64 = format == "base64",
            Dimensions = (int?)fields.Integer("dimensions", 1, int.MaxValue),
        };
        return fields.Error is null ? request : null;
    }
}
