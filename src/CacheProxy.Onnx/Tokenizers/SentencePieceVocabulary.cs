namespace CacheProxy.Onnx.Tokenizers;

/// <summary>A SentencePiece BPE vocabulary as GGUF's tokenizer model <c>llama</c> holds it.</summary>
/// <param name="Tokens">Token texts by id; <c>▁</c> is a space, bytes are <c>&lt;0xNN&gt;</c>.</param>
/// <param name="Kinds">One kind per token.</param>
/// <param name="Scores">One score per token; of two possible merges the one with the higher score goes first.</param>
/// <param name="AddSpacePrefix">Text that starts, or follows a control token, is treated as if a space stood in front.</param>
public sealed record SentencePieceVocabulary(
    IReadOnlyList<string> Tokens,
    IReadOnlyList<TokenKind> Kinds,
    IReadOnlyList<float> Scores,
    bool AddSpacePrefix = true);
