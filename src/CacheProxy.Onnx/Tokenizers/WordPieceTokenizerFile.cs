using System.Text.Json;

namespace CacheProxy.Onnx.Tokenizers;

/// <summary>Reads Hugging Face's <c>tokenizer.json</c> of a BERT model; whatever it asks for that is not done here is refused, not skipped.</summary>
internal static class WordPieceTokenizerFile
{
    public static WordPieceTokenizer Read(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement root = document.RootElement, model = Get(root, "model");
            Require(Get(root, "pre_tokenizer"), "BertPreTokenizer");
            if (model.TryGetProperty("type", out _))
            {
                Require(model, "WordPiece");
            }

            return new WordPieceTokenizer(
                Get(model, "vocab").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt32()),
                Get(root, "added_tokens").EnumerateArray().Select(t => Get(t, "content").GetString()!),
                ReadOptions(Get(root, "normalizer"), model),
                Get(model, "unk_token").GetString()!,
                Get(model, "continuing_subword_prefix").GetString()!);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or InvalidDataException)
        {
            throw new InvalidDataException($"{path}: not a BERT WordPiece tokenizer: {e.Message}", e);
        }
    }

    private static WordPieceOptions ReadOptions(JsonElement normalizer, JsonElement model)
    {
        Require(normalizer, "BertNormalizer");
        bool lowercase = Get(normalizer, "lowercase").GetBoolean();
        JsonElement strip = Get(normalizer, "strip_accents");
        return new WordPieceOptions(
            Get(normalizer, "clean_text").GetBoolean(),
            Get(normalizer, "handle_chinese_chars").GetBoolean(),
            strip.ValueKind == JsonValueKind.Null ? lowercase : strip.GetBoolean(),
            lowercase,
            Get(model, "max_input_chars_per_word").GetInt32());
    }

    private static JsonElement Get(JsonElement part, string name) =>
        part.TryGetProperty(name, out JsonElement value) ? value : throw new InvalidDataException($"'{name}' is missing.");

    private static void Require(JsonElement part, string type)
    {
        if (Get(part, "type").GetString() is var found && found != type)
        {
            throw new InvalidDataException($"'{found}' where '{type}' is needed.");
        }
    }
}
