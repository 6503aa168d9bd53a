using CacheProxy.Inference.Gguf;
using CacheProxy.Inference.Safetensors;
using CacheProxy.Inference.Tokenizers;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Engine;

/// <summary>What a model is made of, whatever its files: one GGUF file, or a folder with config.json, tokenizer.json and safetensors.</summary>
/// <param name="Checkpoint">Weights and settings.</param>
/// <param name="Tokenizer">Tokenizer, ends and chat template.</param>
/// <param name="Name">What the files call the model.</param>
internal sealed record ModelFiles(ICheckpoint Checkpoint, ModelTokenizer Tokenizer, string Name) : IDisposable
{
    /// <exception cref="ModelFormatException">A file is missing or damaged, or the model or tokenizer is of a kind without code.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static ModelFiles Open(string path)
    {
        if (Directory.Exists(path))
        {
            return Opened(SafetensorsCheckpoint.Open(path), _ => HuggingFaceTokenizer.Read(path), _ => new DirectoryInfo(path).Name);
        }

        if (Path.GetExtension(path) is ".safetensors" or ".json")
        {
            throw new ModelFormatException(path, "path", "is one file of a model; give the folder that it lies in");
        }

        return Opened(GgufFile.Open(path), GgufTokenizer.Read, file => file.Metadata.FindString("general.name") ?? Path.GetFileNameWithoutExtension(path));
    }

    public void Dispose() => Checkpoint.Dispose();

    private static ModelFiles Opened<T>(T checkpoint, Func<T, ModelTokenizer> tokenizer, Func<T, string> name)
        where T : ICheckpoint
    {
        try
        {
            return new ModelFiles(checkpoint, tokenizer(checkpoint), name(checkpoint));
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }
}
