namespace CacheProxy.Onnx.Tokenizers;

/// <summary>What a vocabulary entry is for; the numbers are those of GGUF's <c>tokenizer.ggml.token_type</c>.</summary>
public enum TokenKind
{
    /// <summary>A piece of text.</summary>
    Normal = 1,

    /// <summary>Stands for text that no other token covers.</summary>
    Unknown = 2,

    /// <summary>Steers the model (turn marks, end of text); found in text only where the caller asks for it.</summary>
    Control = 3,

    /// <summary>A piece of text added to the vocabulary whole; always found in text, never split.</summary>
    UserDefined = 4,

    /// <summary>A place kept free.</summary>
    Unused = 5,

    /// <summary>One raw byte, written <c>&lt;0xNN&gt;</c>.</summary>
    Byte = 6,
}
