using CacheProxy.Inference.Text;
using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Inference.Server.Models;

/// <summary>The engine's view of a tokenizer: control tokens end a turn or show nothing.</summary>
/// <param name="endTokens">Ids that end a turn.</param>
internal sealed class TokenizerVocabulary(ITokenizer tokenizer, IReadOnlySet<int> endTokens) : ITokenVocabulary
{
    public int Count => tokenizer.VocabularySize;

    public ReadOnlySpan<byte> BytesOf(int token)
        => tokenizer.KindOf(token) is TokenKind.Control or TokenKind.Unused ? [] : tokenizer.TokenBytes(token);

    public bool IsEndOfSequence(int token) => endTokens.Contains(token);
}
