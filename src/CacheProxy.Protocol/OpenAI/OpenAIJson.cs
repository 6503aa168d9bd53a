using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>Source-generated JSON of OpenAI's shapes: snake_case, nulls written unless a property says otherwise, unknown fields ignored.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(ChatCompletionChunk))]
[JsonSerializable(typeof(ChatTokenLogProb))]
[JsonSerializable(typeof(Completion))]
[JsonSerializable(typeof(EmbeddingList))]
[JsonSerializable(typeof(ErrorResponse))]
[JsonSerializable(typeof(ModelInfo))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(Usage))]
public sealed partial class OpenAIJson : JsonSerializerContext
{
    /// <summary>Text goes out as raw UTF-8, as the providers send it: escaping everything outside ASCII would double most answers.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static byte[] Serialize<T>(T value, JsonTypeInfo<T> type)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        Write(buffer, value, type);
        return buffer.WrittenSpan.ToArray();
    }

    public static void Write<T>(IBufferWriter<byte> output, T value, JsonTypeInfo<T> type)
    {
        using var writer = new Utf8JsonWriter(output, WriterOptions);
        JsonSerializer.Serialize(writer, value, type);
    }
}
