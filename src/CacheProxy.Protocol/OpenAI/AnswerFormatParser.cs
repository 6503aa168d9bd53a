using System.Text.Json;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>Reads what the answer has to be, in OpenAI's and vLLM's words; at most one of them.</summary>
internal static class AnswerFormatParser
{
    private const int MaxChoices = 1024;
    private const int MaxNameLength = 64;
    private static readonly string[] ResponseFormats = ["text", "json_object", "json_schema"];

    public static AnswerFormat? Parse(FieldReader fields)
    {
        FieldReader? structured = fields.Child("structured_outputs");
        AnswerFormat?[] all =
        [
            ParseResponseFormat(fields),
            ParseJson(fields, "guided_json"),
            ParseRegex(fields, "guided_regex"),
            ParseChoice(fields, "guided_choice"),
            structured is null ? null : ParseJson(structured, "json"),
            structured is null ? null : ParseRegex(structured, "regex"),
            structured is null ? null : ParseChoice(structured, "choice"),
            structured?.Flag("json_object") == true ? new AnswerFormat(AnswerFormatKind.JsonObject, structured.PathOf("json_object")) : null,
        ];
        AnswerFormat[] given = [.. all.OfType<AnswerFormat>()];
        if (given.Length > 1)
        {
            fields.Fail(new RequestError(
                $"Setting '{given[0].Param}' and '{given[1].Param}' at the same time is not supported.", given[1].Param, "invalid_parameter_combination"));
        }

        return given.FirstOrDefault();
    }

    /// <summary><c>text.format</c> of the Responses API: as <c>response_format</c>, but a schema lies beside its name.</summary>
    public static AnswerFormat? ParseTextFormat(FieldReader text) => text.Child("format") is not { } format ? null : CheckedType(format) switch
    {
        "json_object" => new AnswerFormat(AnswerFormatKind.JsonObject, format.Path),
        "json_schema" => ParseNamedSchema(format),
        _ => null,
    };

    private static AnswerFormat? ParseResponseFormat(FieldReader fields) => fields.Child("response_format") is not { } format ? null : CheckedType(format) switch
    {
        "json_object" => new AnswerFormat(AnswerFormatKind.JsonObject, format.Path),
        "json_schema" when format.Child("json_schema", required: true) is { } schema => ParseNamedSchema(schema),
        _ => null,
    };

    private static string? CheckedType(FieldReader format)
    {
        string? type = format.Text("type", required: true);
        if (type is not null && !ResponseFormats.Contains(type))
        {
            format.Fail(RequestError.InvalidValue(format.PathOf("type"), $"'{type}'. Supported values are: 'text', 'json_object', and 'json_schema'."));
        }

        return type;
    }

    private static AnswerFormat? ParseNamedSchema(FieldReader schema)
    {
        string name = schema.Text("name", required: true) ?? "_";
        if (name.Length is 0 or > MaxNameLength || !name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-'))
        {
            schema.Fail(RequestError.InvalidValue(schema.PathOf("name"), $"must be 1 to {MaxNameLength} letters, digits, underscores and dashes."));
        }

        schema.Flag("strict");
        return schema.Child("schema", required: true) is null ? null : ParseJson(schema, "schema");
    }

    private static AnswerFormat? ParseJson(FieldReader fields, string name) => fields.Any(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => new AnswerFormat(AnswerFormatKind.JsonSchema, fields.PathOf(name)) { Text = text.GetString()! },
        { } schema => new AnswerFormat(AnswerFormatKind.JsonSchema, fields.PathOf(name)) { Text = schema.GetRawText() },
    };

    private static AnswerFormat? ParseRegex(FieldReader fields, string name)
        => fields.Text(name) is { } pattern ? new AnswerFormat(AnswerFormatKind.Regex, fields.PathOf(name)) { Text = pattern } : null;

    private static AnswerFormat? ParseChoice(FieldReader fields, string name)
    {
        if (fields.Items(name, "an array of strings") is not { } items)
        {
            return null;
        }

        if (items.Count is 0 or > MaxChoices)
        {
            fields.Fail(RequestError.InvalidValue(fields.PathOf(name), $"must have 1 to {MaxChoices} texts."));
        }

        return new AnswerFormat(AnswerFormatKind.Choice, fields.PathOf(name))
        {
            Choices = [.. items.Select(item => fields.TextOf(item.Value, item.Path, "a string") ?? "")],
        };
    }
}
