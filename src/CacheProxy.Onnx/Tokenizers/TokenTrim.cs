namespace CacheProxy.Onnx.Tokenizers;

/// <summary>White space that a special token swallows where it stands in text (<c>lstrip</c> and <c>rstrip</c> of Hugging Face).</summary>
[Flags]
public enum TokenTrim
{
    None = 0,

    /// <summary>What stands in front of the token.</summary>
    Left = 1,

    /// <summary>What stands behind it.</summary>
    Right = 2,
}
