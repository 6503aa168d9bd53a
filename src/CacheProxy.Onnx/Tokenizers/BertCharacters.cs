using System.Globalization;

namespace CacheProxy.Onnx.Tokenizers;

/// <summary>What BERT's normaliser and pre-tokeniser ask about a code point.</summary>
internal static class BertCharacters
{
    /// <summary>Dropped by cleaning: control, format and private code points, U+0000 and U+FFFD. Not the unassigned; tab and line breaks are white space.</summary>
    public static bool IsDropped(int c) => c is not ('\t' or '\n' or '\r') && (c is 0 or 0xFFFD || CharUnicodeInfo.GetUnicodeCategory(c) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse);

    public static bool IsWhiteSpace(int c) => c <= char.MaxValue && char.IsWhiteSpace((char)c);

    /// <summary>The blocks that the reference lists; its fourth supplementary block starts at 2B920, not at 2B820.</summary>
    public static bool IsCjk(int c) => c is >= 0x4E00 and <= 0x9FFF or >= 0x3400 and <= 0x4DBF or >= 0xF900 and <= 0xFAFF
        or >= 0x20000 and <= 0x2A6DF or >= 0x2A700 and <= 0x2B73F or >= 0x2B740 and <= 0x2B81F or >= 0x2B920 and <= 0x2CEAF or >= 0x2F800 and <= 0x2FA1F;

    /// <summary>All ASCII symbols count as punctuation, beyond that the categories P*.</summary>
    public static bool IsPunctuation(int c) => c < 128
        ? c is >= '!' and <= '/' or >= ':' and <= '@' or >= '[' and <= '`' or >= '{' and <= '~'
        : CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation
            or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation
            or UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.OtherPunctuation;

    public static bool IsNonSpacingMark(int c) => c >= 0x300 && CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark;
}
