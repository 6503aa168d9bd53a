using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Embeddings;

/// <summary>A provider of embeddings: one vector per input that depends on the input and the model alone, in the encoding asked for, spaced as OpenAI does it.</summary>
internal static class EmbeddingUpstream
{
    public const int Dimensions = 8;

    public static float[] Vector(string input, string model = "m", int dimensions = Dimensions)
    {
        var random = new Random(StableHash(model + "\n" + input));
        return [.. Enumerable.Range(0, dimensions).Select(_ => (random.NextSingle() - 0.5f) / 8)];
    }

    public static string Base64(float[] vector)
    {
        byte[] bytes = new byte[4 * vector.Length];
        for (int i = 0; i < vector.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), vector[i]);
        }

        return Convert.ToBase64String(bytes);
    }

    /// <summary>What one input is called here: its text, or its tokens.</summary>
    public static string[] InputsOf(string body)
    {
        JsonNode input = JsonNode.Parse(body)!["input"]!;
        return input switch
        {
            JsonArray list when list[0]!.GetValueKind() == JsonValueKind.Number => [list.ToJsonString()],
            JsonArray list => [.. list.Select(NameOf)],
            _ => [NameOf(input)],
        };
    }

    /// <summary>One token for each character of an input's name.</summary>
    public static string Answer(string body, string? model = null, Func<float, string>? number = null)
    {
        JsonNode request = JsonNode.Parse(body)!;
        bool isBase64 = (string?)request["encoding_format"] == "base64";
        int dimensions = (int?)request["dimensions"] ?? Dimensions;
        string asked = (string)request["model"]!;
        string[] inputs = InputsOf(body);
        string data = string.Join(",\n", inputs.Select((input, i) =>
        {
            float[] vector = Vector(input, model ?? asked, dimensions);
            number ??= value => value.ToString("R", CultureInfo.InvariantCulture);
            string text = isBase64 ? $"\"{Base64(vector)}\"" : $"[\n  {string.Join(",\n  ", vector.Select(number))}\n]";
            return $"{{\n \"object\": \"embedding\",\n \"index\": {i},\n \"embedding\": {text}\n}}";
        }));
        int tokens = inputs.Sum(input => input.Length);
        return $"{{\n \"object\": \"list\",\n \"data\": [{data}],\n \"model\": \"{model ?? asked}\",\n \"usage\": {{\"prompt_tokens\": {tokens}, \"total_tokens\": {tokens}}}\n}}\n";
    }

    public static Task AnswerAsync(HttpContext context, string body, string? model = null)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(Answer(body, model), context.RequestAborted);
    }

    private static string NameOf(JsonNode? input)
        => input!.GetValueKind() == JsonValueKind.String ? (string)input! : input.ToJsonString();

    private static int StableHash(string text) => text.Aggregate(17, (hash, c) => unchecked((hash * 31) + c));
}
