using CacheProxy.Inference.Tokenizers;
using CacheProxy.Onnx.Encoders;
using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Pipeline;

/// <summary>Finds the bundled models.</summary>
public static class ModelFolder
{
    private static readonly string Default = Path.Combine("config", "models");

    /// <summary><c>config/models</c> in the current folder or in one above the program; the current folder's where there is none, so that the error names it.</summary>
    public static string Find()
    {
        if (Directory.Exists(Default))
        {
            return Path.GetFullPath(Default);
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, Default);
            if (Directory.Exists(path))
            {
                return path;
            }
        }

        return Path.GetFullPath(Default);
    }

    /// <summary>The tokenizer of an encoder that is none of BERT's: the engine's readers know those of other models.</summary>
    /// <exception cref="InvalidDataException">It is of no kind that is known.</exception>
    public static IEncoderTokenizer ReadTokenizer(string path)
    {
        (ITokenizer tokenizer, IReadOnlyList<int> prefix, IReadOnlyList<int> suffix) = EncoderTokenizers.Read(path);
        return new FramedTokenizer(tokenizer, prefix, suffix);
    }
}
