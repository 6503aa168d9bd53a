using System.Text.Json;
using CacheProxy.Onnx.Sessions;

namespace CacheProxy.Onnx.Encoders;

/// <summary>A sentence encoder as it is downloaded: a folder with config.json, tokenizer.json and an ONNX file, in it or in its folder <c>onnx</c>.</summary>
public static class EncoderFolder
{
    private static readonly string[] ModelNames = ["model.onnx", "model_quantized.onnx", "model_int8.onnx"];

    /// <param name="path">The folder, or one of its ONNX files.</param>
    /// <exception cref="InvalidDataException">A file is missing or not of this kind, or more tokens are wanted than the model has positions for.</exception>
    public static TextEmbedder Load(OnnxSessionFactory factory, string path, TextEmbedderOptions options)
    {
        string model = FindModel(path);
        string folder = Path.GetDirectoryName(model)!;
        if (!File.Exists(Path.Combine(folder, "tokenizer.json")) && Path.GetFileName(folder) == "onnx")
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        CheckLength(Require(Path.Combine(folder, "config.json")), options.MaxTokens);
        return TextEmbedder.Load(factory, model, Require(Path.Combine(folder, "tokenizer.json")), options);
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
            if (config.RootElement.TryGetProperty("max_position_embeddings", out JsonElement positions) && positions.GetInt32() < maxTokens)
            {
                throw new InvalidDataException($"{path}: the model has {positions.GetInt32()} positions; {maxTokens} tokens are asked for.");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{path} is not a model's config.json: {e.Message}", e);
        }
    }
}
