namespace CacheProxy.Onnx.Tokenizers;

/// <summary>Text to token ids and back for a generating model. Implementations are thread-safe.</summary>
public interface ITokenizer
{
    /// <summary>Number of ids; valid ids are 0 to this, exclusive.</summary>
    int VocabularySize { get; }

    /// <summary>Appends the ids of <paramref name="text"/>; adds no begin or end token. Never throws: a lone surrogate counts as U+FFFD.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="parseSpecial">True: control tokens written in the text become those tokens. False: they are plain text, as a user's content must be.</param>
    /// <param name="output">Receives the ids.</param>
    void Encode(ReadOnlySpan<char> text, bool parseSpecial, List<int> output);

    /// <summary>The bytes that a token stands for, often not whole UTF-8 characters; a control token gives its own name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such id.</exception>
    ReadOnlySpan<byte> TokenBytes(int id);

    /// <summary>What the token is for.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such id.</exception>
    TokenKind KindOf(int id);

    /// <summary>White space that the token swallows around it, as <see cref="Encode"/> does; for callers that cut text at special tokens themselves.</summary>
    TokenTrim TrimOf(int id) => TokenTrim.None;

    /// <summary>Finds a control or user-defined token by its text.</summary>
    bool TryGetSpecial(string text, out int id);
}
