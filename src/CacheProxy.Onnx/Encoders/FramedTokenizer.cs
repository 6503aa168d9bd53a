using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Onnx.Encoders;

/// <summary>A tokenizer of byte-level or SentencePiece BPE as an encoder's: RoBERTa's kind, ModernBERT's and others'.</summary>
/// <param name="prefix">Ids in front of every text.</param>
/// <param name="suffix">Ids behind every text.</param>
public sealed class FramedTokenizer(ITokenizer tokenizer, IReadOnlyList<int> prefix, IReadOnlyList<int> suffix) : IEncoderTokenizer
{
    public IReadOnlyList<int> Prefix => prefix;

    public IReadOnlyList<int> Suffix => suffix;

    public bool Encode(ReadOnlySpan<char> text, int limit, List<int> output)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        int before = output.Count;
        tokenizer.Encode(text, parseSpecial: false, output);
        int extra = output.Count - before - limit;
        if (extra > 0)
        {
            output.RemoveRange(output.Count - extra, extra);
        }

        return extra <= 0;
    }
}
