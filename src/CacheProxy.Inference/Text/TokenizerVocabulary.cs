using System.Text;
using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Inference.Text;

/// <summary>A tokenizer as the engine sees it: control tokens show nothing, some of them end a turn.</summary>
public sealed class TokenizerVocabulary : ITokenVocabulary
{
    /// <summary>Control tokens that end a turn in the families that llama.cpp's loaders know; a file names only one of its own.</summary>
    private static readonly string[] KnownEnds =
        ["<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<|end|>", "<end_of_turn>", "</s>"];

    private readonly ITokenizer _tokenizer;
    private readonly bool[] _isControl;
    private readonly HashSet<int> _ends;

    /// <param name="ends">Tokens the model file names as end of text or turn.</param>
    public TokenizerVocabulary(ITokenizer tokenizer, IEnumerable<int> ends)
    {
        _tokenizer = tokenizer;
        _ends = [.. ends];
        _isControl = new bool[tokenizer.VocabularySize];
        for (int id = 0; id < _isControl.Length; id++)
        {
            _isControl[id] = tokenizer.KindOf(id) is TokenKind.Control or TokenKind.Unknown or TokenKind.Unused;
            if (_isControl[id] && KnownEnds.Contains(Encoding.UTF8.GetString(tokenizer.TokenBytes(id)), StringComparer.Ordinal))
            {
                _ends.Add(id);
            }
        }
    }

    public int Count => _isControl.Length;

    public ReadOnlySpan<byte> BytesOf(int token) => _isControl[token] ? [] : _tokenizer.TokenBytes(token);

    public bool IsEndOfSequence(int token) => _ends.Contains(token);
}
