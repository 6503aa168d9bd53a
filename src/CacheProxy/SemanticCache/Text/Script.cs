namespace CacheProxy.SemanticCache.Text;

/// <summary>The writing system of most letters of a text. Numeric values are stored in partitions: append only.</summary>
public enum Script
{
    /// <summary>No letter at all.</summary>
    None = 0,
    Latin = 1,
    Cyrillic = 2,
    Greek = 3,
    Arabic = 4,
    Hebrew = 5,
    Han = 6,
    Kana = 7,
    Hangul = 8,
    Devanagari = 9,
    Thai = 10,
    Other = 11,

    /// <summary>A second script has a fifth of the letters or more.</summary>
    Mixed = 12,
}
