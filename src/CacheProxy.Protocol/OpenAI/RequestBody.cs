using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>From the bytes of a body to the fields of its JSON object, or to the error that says what is wrong with it.</summary>
internal static class RequestBody
{
    // A field given twice would let two readers of one request understand it differently, a cache and its backend above all.
    private static readonly JsonDocumentOptions DocumentOptions = new() { AllowDuplicateProperties = false, MaxDepth = 128 };

    /// <param name="parse">Reads the fields; its result is dropped when a field was wrong.</param>
    public static bool TryParse<T>(
        ReadOnlyMemory<byte> body, Func<FieldReader, T?> parse, [NotNullWhen(true)] out T? request, [NotNullWhen(false)] out RequestError? error)
        where T : class
    {
        request = null;
        if (!Utf8.IsValid(body.Span))
        {
            error = new RequestError("We could not parse the JSON body of your request: it is not valid UTF-8.", null, "invalid_json");
            return false;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(body, DocumentOptions);
            return TryParse(document.RootElement, parse, out request, out error);
        }
        catch (JsonException exception)
        {
            error = RequestError.MalformedJson(exception);
            return false;
        }
    }

    private static bool TryParse<T>(
        JsonElement root, Func<FieldReader, T?> parse, [NotNullWhen(true)] out T? request, [NotNullWhen(false)] out RequestError? error)
        where T : class
    {
        request = null;
        if (root.ValueKind != JsonValueKind.Object)
        {
            error = new RequestError($"The body of the request must be a JSON object, but it is {FieldReader.Describe(root)}.", null, "invalid_type");
            return false;
        }

        var fields = new FieldReader(root);
        T? parsed = parse(fields);
        error = fields.Error;
        request = error is null ? parsed : null;
        return request is not null || Unexplained(ref error);
    }

    // A parser answers null only after it has failed a field; this keeps a forgotten one an error instead of a crash.
    private static bool Unexplained([NotNull] ref RequestError? error)
    {
        error ??= RequestError.Internal("The request could not be read.");
        return false;
    }
}
