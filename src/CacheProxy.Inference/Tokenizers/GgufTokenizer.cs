using CacheProxy.Inference.Gguf;
using CacheProxy.Inference.Weights;
using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Inference.Tokenizers;

/// <summary>The tokenizer inside a GGUF file.</summary>
internal static class GgufTokenizer
{
    private const string ModelKey = "tokenizer.ggml.model", SentencePiece = "llama";

    /// <exception cref="ModelFormatException">A key is missing, contradicts another, or names something without code.</exception>
    public static ModelTokenizer Read(GgufFile file)
    {
        GgufVocabulary vocabulary = GgufVocabulary.Read(file);
        string TextOf(int? id) => id is { } token ? vocabulary.Tokens[token] : "";
        bool begins = vocabulary.AddBeginOfSequence ?? vocabulary.Model == SentencePiece;
        return new ModelTokenizer(Create(file.Path, vocabulary))
        {
            Prefix = begins && vocabulary.BeginOfSequence is { } begin ? [begin] : [],
            Ends = [.. new[] { vocabulary.EndOfSequence, vocabulary.EndOfTurn }.OfType<int>()],
            BeginText = TextOf(vocabulary.BeginOfSequence),
            EndText = TextOf(vocabulary.EndOfSequence),
            ChatTemplate = vocabulary.ChatTemplate,
        };
    }

    private static ITokenizer Create(string path, GgufVocabulary vocabulary)
    {
        TokenKind[] kinds = Array.ConvertAll(vocabulary.TokenTypes, type => (TokenKind)type);
        try
        {
            return vocabulary.Model switch
            {
                "gpt2" => new ByteLevelBpeTokenizer(new BpeVocabulary(vocabulary.Tokens, kinds, vocabulary.Merges, vocabulary.PreTokenizer)),
                SentencePiece => new SentencePieceTokenizer(new SentencePieceVocabulary(
                    vocabulary.Tokens, kinds, vocabulary.Scores, vocabulary.AddSpacePrefix ?? true ? SpacePrefix.Always : SpacePrefix.Never)),
                _ => throw new ModelFormatException(path, ModelKey, $"is '{vocabulary.Model}'; byte-level BPE ('gpt2') and SentencePiece ('{SentencePiece}') are what is read here"),
            };
        }
        catch (NotSupportedException error)
        {
            throw new ModelFormatException(path, "tokenizer.ggml.pre", error.Message, error);
        }
        catch (InvalidDataException error)
        {
            throw new ModelFormatException(path, "tokenizer.ggml.tokens", error.Message, error);
        }
    }
}
