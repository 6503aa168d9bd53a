using System.Text.Json;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>Reads a field that is a string, an array of strings, an array of tokens, or an array of arrays of tokens.</summary>
internal static class TextInputParser
{
    /// <summary>OpenAI's own limit of one request.</summary>
    public const int MaxInputs = 2048;

    private const string Expected = "a string, an array of strings, an array of integers or an array of arrays of integers";

    public static IReadOnlyList<TextInput> Parse(FieldReader fields, string name)
    {
        if (fields.Any(name, required: true) is not { } value)
        {
            return [];
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return [new TextInput { Text = fields.TextOf(value, name, Expected) }];
        }

        IReadOnlyList<(JsonElement Value, string Path)> items = fields.Items(name, Expected) ?? [];
        if (fields.Error is null && items.Count == 0)
        {
            fields.Fail(EmptyArray(name));
        }

        if (fields.Error is not null)
        {
            return [];
        }

        if (items[0].Value.ValueKind == JsonValueKind.Number)
        {
            return [new TextInput { Tokens = ParseTokens(fields, items) }];
        }

        if (items.Count > MaxInputs)
        {
            fields.Fail(new RequestError($"Invalid '{name}': array too long. Expected at most {MaxInputs} items, but got {items.Count} instead.", name, "array_above_max_length"));
            return [];
        }

        return [.. items.Select(item => ParseItem(fields, item.Value, item.Path))];
    }

    private static TextInput ParseItem(FieldReader fields, JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return new TextInput { Text = fields.TextOf(value, path, "a string or an array of integers") ?? "" };
        }

        if (value.GetArrayLength() == 0)
        {
            fields.Fail(EmptyArray(path));
        }

        return new TextInput { Tokens = ParseTokens(fields, value.EnumerateArray().Select((item, i) => (item, $"{path}[{i}]"))) };
    }

    private static int[] ParseTokens(FieldReader fields, IEnumerable<(JsonElement Value, string Path)> items)
        => [.. items.Select(item => (int)(fields.IntegerOf(item.Value, item.Path, 0, int.MaxValue) ?? 0))];

    private static RequestError EmptyArray(string path)
        => new($"Invalid '{path}': empty array. Expected an array with minimum length 1, but got an empty array instead.", path, "empty_array");
}
