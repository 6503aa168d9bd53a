using System.Text.Json;
using CacheProxy.Onnx.Sessions;

namespace CacheProxy.Onnx.Encoders;

/// <summary>A sentence encoder as it is downloaded: a folder with config.json, tokenizer.json and an ONNX file, in it or in its folder <c>onnx</c>.</summary>
public static class EncoderFolder
{
    private static readonly string[] ModelNames = ["model.onnx", "model_quantized.onnx", "model_int8.onnx"];

    // Their position numbers begin behind the padding token's id: two places fewer than the table has.
    private static readonly string[] PaddedPositions = ["roberta", "camembert", "mpnet"];

    /// <param name="path">The folder, or one of its ONNX files.</param>
    /// <param name="others">Reads a tokenizer.json that is none of BERT's WordPiece; null: those are refused.</param>
    /// <exception cref="InvalidDataException">A file is missing or not of this kind, or more tokens are wanted than the model has positions for.</exception>
    public static TextEmbedder Load(OnnxSessionFactory factory, string path, TextEmbedderOptions options, Func<string, IEncoderTokenizer>? others = null)
    {
        string model = FindModel(path);
        string folder = Path.GetDirectoryName(model)!;
        if (!File.Exists(Path.Combine(folder, "tokenizer.json")) && Path.GetFileName(folder) == "onnx")
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        CheckLength(Require(Path.Combine(folder, "config.json")), options.MaxTokens);
        string tokenizer = Require(Path.Combine(folder, "tokenizer.json"));
        return others is null || IsWordPiece(tokenizer)
            ? TextEmbedder.Load(factory, model, tokenizer, options)
            : TextEmbedder.Load(factory, model, tokenizer, others(tokenizer), options);
    }

    // Old files name no kind, but BERT's alone mark what continues a word.
    private static bool IsWordPiece(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement model = document.RootElement.GetProperty("model");
            return model.TryGetProperty("type", out JsonElement type)
                ? type.GetString() == "WordPiece"
                : model.TryGetProperty("continuing_subword_prefix", out JsonElement prefix) && prefix.GetString() == "##";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InvalidDataException($"{path} is no tokenizer.json: {e.Message}", e);
        }
    }

    private static string FindModel(string path)
    {
        if (path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
        {
            return Path.GetFullPath(Require(path));
        }

        string[] folders = [path, Path.Combine(path, "onnx")];
        string? found = folders.SelectMany(folder => ModelNames.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        return Path.GetFullPath(found
            ?? throw new InvalidDataException($"{path} has none of {string.Join(", ", ModelNames)}, in it or in its folder onnx; name the .onnx file itself."));
    }

    private static string Require(string path) => File.Exists(path) ? path : throw new InvalidDataException($"There is no file {path}.");

    private static void CheckLength(string path, int maxTokens)
    {
        try
        {
            using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement root = config.RootElement;
            if (root.TryGetProperty("max_position_embeddings", out JsonElement positions) && positions.GetInt32() - Unused(root) < maxTokens)
            {
                throw new InvalidDataException($"{path}: the model has {positions.GetInt32() - Unused(root)} positions; {maxTokens} tokens are asked for.");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{path} is not a model's config.json: {e.Message}", e);
        }
    }

    private static int Unused(JsonElement config)
        => config.TryGetProperty("model_type", out JsonElement kind) && Array.Exists(PaddedPositions, name => kind.GetString()?.Contains(name, StringComparison.Ordinal) == true)
            ? (config.TryGetProperty("pad_token_id", out JsonElement padding) ? padding.GetInt32() : 1) + 1
            : 0;
}
