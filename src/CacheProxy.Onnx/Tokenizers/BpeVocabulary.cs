using System.Collections.Frozen;

namespace CacheProxy.Onnx.Tokenizers;

/// <summary>A byte-level BPE vocabulary as model files hold it.</summary>
/// <param name="Tokens">Token texts by id; normal ones in the GPT-2 byte alphabet (<c>Ġ</c> is a space), control and user-defined ones as plain text.</param>
/// <param name="Kinds">One kind per token; an empty list means that every token is <see cref="TokenKind.Normal"/>.</param>
/// <param name="Merges">Merge rules, best first: two token texts with one space between them.</param>
/// <param name="PreTokenizer">The GGUF name of the rule that cuts text into pieces (<c>tokenizer.ggml.pre</c>), see <see cref="PreTokenizerRules.Names"/>.</param>
public sealed record BpeVocabulary(
    IReadOnlyList<string> Tokens,
    IReadOnlyList<TokenKind> Kinds,
    IReadOnlyList<string> Merges,
    string PreTokenizer)
{
    /// <summary>Special tokens that swallow white space around them.</summary>
    public IReadOnlyDictionary<int, TokenTrim> Trims { get; init; } = FrozenDictionary<int, TokenTrim>.Empty;
}
