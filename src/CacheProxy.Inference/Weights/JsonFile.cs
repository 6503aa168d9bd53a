using System.Text.Json;
using System.Text.Unicode;

namespace CacheProxy.Inference.Weights;

/// <summary>The JSON files beside a model's weights, read whole, bounded in size, every text in them checked.</summary>
internal static class JsonFile
{
    /// <summary>The largest published tokenizer has 33 MB.</summary>
    private const long MaxBytes = 256 << 20;

    private const int MaxDepth = 64;

    /// <summary>The file's root, an object. Reading a text of it cannot fail for what the text holds.</summary>
    /// <exception cref="ModelFormatException">Too large, not JSON, or not an object.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static JsonElement Read(string path)
    {
        if (new FileInfo(path).Length > MaxBytes)
        {
            throw new ModelFormatException(path, "length", $"is more than {MaxBytes} bytes");
        }

        byte[] bytes = File.ReadAllBytes(path);
        try
        {
            CheckTexts(path, bytes);
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new ModelFormatException(path, "root", "is not a JSON object");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new ModelFormatException(path, "root", $"is not valid JSON: {error.Message}", error);
        }
    }

    /// <summary>The file's root, or null where there is no such file.</summary>
    /// <inheritdoc cref="Read"/>
    public static JsonElement? Find(string path) => File.Exists(path) ? Read(path) : null;

    /// <summary>The parser leaves texts as they are until somebody asks, and throws only then.</summary>
    private static void CheckTexts(string path, byte[] bytes)
    {
        if (!Utf8.IsValid(bytes))
        {
            throw new ModelFormatException(path, "root", "is not UTF-8");
        }

        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = MaxDepth });
        byte[] scratch = [];
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                // Half of a surrogate pair throws.
                scratch = scratch.Length < reader.ValueSpan.Length ? new byte[reader.ValueSpan.Length * 2] : scratch;
                _ = reader.CopyString(scratch);
            }
        }
    }
}
