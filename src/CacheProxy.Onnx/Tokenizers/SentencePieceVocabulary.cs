using System.Collections.Frozen;

namespace CacheProxy.Onnx.Tokenizers;

/// <summary>A SentencePiece BPE vocabulary, as GGUF's tokenizer model <c>llama</c> (scores) or a Hugging Face file (merges) holds it.</summary>
/// <param name="Tokens">Token texts by id; <c>▁</c> is a space, bytes are <c>&lt;0xNN&gt;</c>.</param>
/// <param name="Kinds">One kind per token.</param>
/// <param name="Scores">One score per token: of two possible merges the one with the higher score goes first. Empty where there are <see cref="Merges"/>.</param>
/// <param name="Prefix">Where a space is put in front of text.</param>
public sealed record SentencePieceVocabulary(
    IReadOnlyList<string> Tokens,
    IReadOnlyList<TokenKind> Kinds,
    IReadOnlyList<float> Scores,
    SpacePrefix Prefix = SpacePrefix.Always)
{
    /// <summary>Merge rules, best first: two token texts with one space between them; null: scores decide.</summary>
    public IReadOnlyList<string>? Merges { get; init; }

    /// <summary>Special tokens that swallow white space around them.</summary>
    public IReadOnlyDictionary<int, TokenTrim> Trims { get; init; } = FrozenDictionary<int, TokenTrim>.Empty;
}
