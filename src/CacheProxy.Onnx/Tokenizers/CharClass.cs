namespace CacheProxy.Onnx.Tokenizers;

/// <summary>The four classes of code points that byte-level pre-tokenisers tell apart.</summary>
internal enum CharClass : byte
{
    /// <summary>Everything else: punctuation, symbols, marks, controls.</summary>
    Other = 0,

    /// <summary>\p{L}</summary>
    Letter = 1,

    /// <summary>\p{N}: decimal, letter-like and other numbers.</summary>
    Number = 2,

    /// <summary>Unicode White_Space, all of it inside the basic plane.</summary>
    Space = 3,
}
