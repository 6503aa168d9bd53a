using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Onnx.Encoders;

/// <summary>BERT's tokenizer as an encoder's: [CLS] text [SEP].</summary>
internal sealed class WordPieceFrame(WordPieceTokenizer tokenizer) : IEncoderTokenizer
{
    public IReadOnlyList<int> Prefix { get; } = [tokenizer.ClassifyId];

    public IReadOnlyList<int> Suffix { get; } = [tokenizer.SeparatorId];

    public bool Encode(ReadOnlySpan<char> text, int limit, List<int> output) => tokenizer.Encode(text, parseSpecial: false, limit, output);
}
