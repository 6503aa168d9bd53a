namespace CacheProxy.Onnx.Tokenizers;

/// <summary>How a BERT tokenizer treats text, as its tokenizer.json says.</summary>
/// <param name="CleanText">Drop control and format characters, U+0000 and U+FFFD; treat every white space alike.</param>
/// <param name="SeparateCjk">Every CJK ideograph is a word of its own.</param>
/// <param name="StripAccents">Decompose and drop non-spacing marks.</param>
/// <param name="Lowercase">Lower-case by code point.</param>
/// <param name="MaxWordLength">A longer word, counted in code points, becomes the unknown token.</param>
public sealed record WordPieceOptions(
    bool CleanText = true,
    bool SeparateCjk = true,
    bool StripAccents = true,
    bool Lowercase = true,
    int MaxWordLength = 100);
