using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Inference.Tokenizers;

/// <summary>A model's tokenizer with what its files say around it.</summary>
/// <param name="Tokenizer">Text to ids and back.</param>
internal sealed record ModelTokenizer(ITokenizer Tokenizer)
{
    /// <summary>Ids in front of a plain prompt: the begin token where the model wants one.</summary>
    public int[] Prefix { get; init; } = [];

    /// <summary>Ids behind a plain prompt; hardly any model has some.</summary>
    public int[] Suffix { get; init; } = [];

    /// <summary>Tokens that the files name as end of text or turn.</summary>
    public int[] Ends { get; init; } = [];

    /// <summary>What templates know as <c>bos_token</c>.</summary>
    public string BeginText { get; init; } = "";

    /// <summary>What templates know as <c>eos_token</c>.</summary>
    public string EndText { get; init; } = "";

    /// <summary>The Jinja template that turns messages into a prompt, or null.</summary>
    public string? ChatTemplate { get; init; }
}
