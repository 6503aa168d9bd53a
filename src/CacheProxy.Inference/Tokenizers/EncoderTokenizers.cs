using CacheProxy.Inference.Weights;
using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Inference.Tokenizers;

/// <summary>Reads a <c>tokenizer.json</c> for an encoder: the kinds of BPE that generating models use too.</summary>
public static class EncoderTokenizers
{
    /// <param name="path">The file.</param>
    /// <returns>The tokenizer, and the ids that stand in front of and behind every text.</returns>
    /// <exception cref="InvalidDataException">The file asks for something without code, Unigram for one.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static (ITokenizer Tokenizer, IReadOnlyList<int> Prefix, IReadOnlyList<int> Suffix) Read(string path)
    {
        try
        {
            ModelTokenizer read = TokenizerJson.Read(JsonSection.Read(path)).Tokenizer;
            return (read.Tokenizer, read.Prefix, read.Suffix);
        }
        catch (ModelFormatException exception)
        {
            throw new InvalidDataException(exception.Message, exception);
        }
    }
}
