using System.Text.Json;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>What is wrong with a request, in the words of OpenAI's API. A value, not an exception: bad requests are expected.</summary>
/// <param name="Message">For a developer; names the field and what was expected.</param>
/// <param name="Param">Path of the field, as in <c>messages[0].content</c>; null: the request as a whole.</param>
/// <param name="Code">Machine-readable reason.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Type">Family of the error.</param>
public sealed record RequestError(string Message, string? Param, string? Code, int Status = 400, string Type = RequestError.InvalidRequest)
{
    public const string InvalidRequest = "invalid_request_error";
    public const string ServerError = "server_error";
    public const string RateLimit = "rate_limit_error";
    public const string Timeout = "timeout_error";

    /// <summary>Not in the body: when the client may try again, for the header of that name.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static RequestError Missing(string param)
        => new($"Missing required parameter: '{param}'.", param, "missing_required_parameter");

    /// <param name="expected">With its article: "a string".</param>
    public static RequestError WrongType(string param, string expected, string got)
        => new($"Invalid type for '{param}': expected {expected}, but got {got} instead.", param, "invalid_type");

    public static RequestError InvalidValue(string param, string message) => new($"Invalid '{param}': {message}", param, "invalid_value");

    /// <summary>A parameter that this server does not have.</summary>
    public static RequestError Unsupported(string param, string message) => new(message, param, "unsupported_parameter");

    /// <summary>A parameter that this server has, with a value that it cannot serve.</summary>
    public static RequestError UnsupportedValue(string param, string message) => new(message, param, "unsupported_value");

    public static RequestError ModelNotFound(string model)
        => new($"The model `{model}` does not exist or you do not have access to it.", "model", "model_not_found", 404);

    public static RequestError ContextLengthExceeded(string param, long tokens, int contextLength)
        => new($"This model's maximum context length is {contextLength} tokens. However, your prompt holds {tokens} tokens. Please reduce its length.", param, "context_length_exceeded");

    public static RequestError MalformedJson(JsonException exception)
        => new($"We could not parse the JSON body of your request (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}): it is not valid JSON.", null, "invalid_json");

    public static RequestError BodyTooLarge(long capBytes)
        => new($"The request body is larger than the {capBytes} bytes that this server accepts.", null, "request_too_large", 413);

    public static RequestError UnsupportedMediaType(string? contentType)
        => new($"Unsupported content type '{contentType}': send the request as 'application/json'.", null, "unsupported_media_type", 415);

    public static RequestError NotFound(string method, string path)
        => new($"Unknown request URL: {method} {path}. Please check the URL for typos.", null, "unknown_url", 404);

    public static RequestError MethodNotAllowed(string method, string path)
        => new($"Not allowed to {method} on {path}.", null, "method_not_supported", 405);

    public static RequestError Overloaded(string message) => new(message, null, "server_overloaded", 429, RateLimit);

    public static RequestError Unavailable(string message) => new(message, null, "service_unavailable", 503, ServerError);

    public static RequestError DeadlineExceeded(string message) => new(message, null, "deadline_exceeded", 504, Timeout);

    public static RequestError Internal(string message) => new(message, null, "internal_error", 500, ServerError);

    public ErrorResponse ToResponse() => new(new ErrorDetail(Message, Type, Param, Code));

    /// <summary>The response body, UTF-8.</summary>
    public byte[] ToJson() => OpenAIJson.Serialize(ToResponse(), OpenAIJson.Default.ErrorResponse);
}
