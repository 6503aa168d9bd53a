using System.Text.Json;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.Stores.Qdrant;

/// <summary>
/// Checks a request against an OpenAPI 3.0 file: its path, method, query and JSON body. Stricter than the file in one thing:
/// a property that the schema does not name is an error, so that a misspelt one is found.
/// </summary>
internal sealed class OpenApiContract
{
    private readonly JsonElement _root;
    private readonly JsonSchema _schema;

    private OpenApiContract(JsonElement root)
    {
        _root = root;
        _schema = new JsonSchema(root.GetProperty("components").GetProperty("schemas"));
    }

    public static OpenApiContract Load()
    {
        using FileStream file = File.OpenRead(
            Repository.File("tests", "CacheProxy.Tests", "Stores", "Qdrant", "Fixtures", "openapi-trimmed.json"));
        using var document = JsonDocument.Parse(file);
        return new OpenApiContract(document.RootElement.Clone());
    }

    /// <summary>What is wrong with the request, or null.</summary>
    /// <param name="query">Without the question mark.</param>
    public string? Check(string method, string path, string query, byte[] body)
    {
        if (Operation(method, path) is not { } operation)
        {
            return $"{method} {path} is not in the contract";
        }

        return CheckQuery(operation, query) ?? CheckBody(operation, body);
    }

    private JsonElement? Operation(string method, string path)
    {
        foreach (JsonProperty candidate in _root.GetProperty("paths").EnumerateObject())
        {
            string[] pattern = candidate.Name.Split('/');
            string[] segments = path.Split('/');
            bool fits = pattern.Length == segments.Length
                && pattern.Zip(segments).All(pair => pair.First == pair.Second || (pair.First.StartsWith('{') && pair.Second.Length > 0));
            if (fits && candidate.Value.TryGetProperty(method.ToLowerInvariant(), out JsonElement operation))
            {
                return operation;
            }
        }

        return null;
    }

    private string? CheckQuery(JsonElement operation, string query)
    {
        foreach (string pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = pair.Split('=', 2);
            JsonElement parameter = operation.GetProperty("parameters").EnumerateArray().FirstOrDefault(
                p => p.GetProperty("in").GetString() == "query" && p.GetProperty("name").GetString() == parts[0]);
            if (parameter.ValueKind == JsonValueKind.Undefined)
            {
                return $"the query names {parts[0]}";
            }

            // true, false and numbers are JSON as they stand; anything else is a string.
            string json = parts[1] is "true" or "false" || double.TryParse(parts[1], out _) ? parts[1] : $"\"{parts[1]}\"";
            using var value = JsonDocument.Parse(json);
            if (_schema.Check(parameter.GetProperty("schema"), value.RootElement, parts[0]) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    private string? CheckBody(JsonElement operation, byte[] body)
    {
        if (!operation.TryGetProperty("requestBody", out JsonElement declared))
        {
            return body.Length == 0 ? null : "a body where none is declared";
        }

        try
        {
            using var value = JsonDocument.Parse(body);
            JsonElement schema = declared.GetProperty("content").GetProperty("application/json").GetProperty("schema");
            return _schema.Check(schema, value.RootElement, "body");
        }
        catch (JsonException exception)
        {
            return $"the body is no JSON: {exception.Message}";
        }
    }
}
