using CacheProxy.Inference.Gguf;
using CacheProxy.Inference.Tests.Gguf;
using CacheProxy.Inference.Text;
using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Inference.Tests.Constraints;

/// <summary>The bundled model's 49,152 tokens, without the model.</summary>
internal static class BundledVocabulary
{
    private static readonly Lazy<ITokenVocabulary> Loaded = new(Load);

    public static ITokenVocabulary Instance => Loaded.Value;

    private static TokenizerVocabulary Load()
    {
        using GgufFile file = GgufFile.Open(BundledModel.Path);
        GgufVocabulary vocabulary = GgufVocabulary.Read(file);
        var tokenizer = new ByteLevelBpeTokenizer(new BpeVocabulary(
            vocabulary.Tokens, [.. vocabulary.TokenTypes.Select(type => (TokenKind)type)], vocabulary.Merges, vocabulary.PreTokenizer));
        return new TokenizerVocabulary(tokenizer, new[] { vocabulary.EndOfSequence, vocabulary.EndOfTurn }.OfType<int>());
    }
}
