namespace CacheProxy.Onnx.Tokenizers;

/// <summary>Where a SentencePiece vocabulary treats text as if a space stood in front of it.</summary>
public enum SpacePrefix
{
    Never,

    /// <summary>At the start of the text and behind every special token, whatever the text begins with.</summary>
    Always,

    /// <summary>Likewise, but not in front of a space (<c>prepend_scheme: always</c>).</summary>
    AlwaysUnlessSpace,

    /// <summary>In front of the first id only, and not in front of a space (<c>prepend_scheme: first</c>).</summary>
    FirstUnlessSpace,
}
