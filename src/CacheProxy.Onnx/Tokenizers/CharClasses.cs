using System.Globalization;

namespace CacheProxy.Onnx.Tokenizers;

/// <summary>Classifies by code point: a UTF-16 unit of an astral letter is no letter, which is what .NET's Regex trips over.</summary>
internal static class CharClasses
{
    // 64 KB, filled once (about 1 ms): a table read per character instead of a walk through the category tries.
    private static readonly byte[] s_basicPlane = BuildBasicPlane();

    /// <summary>Class of the code point at <paramref name="index"/>; <paramref name="length"/> is its length in chars. A lone surrogate is <see cref="CharClass.Other"/>.</summary>
    public static CharClass At(ReadOnlySpan<char> text, int index, out int length)
    {
        char c = text[index];
        if (!char.IsHighSurrogate(c) || index + 1 >= text.Length || !char.IsLowSurrogate(text[index + 1]))
        {
            length = 1;
            return (CharClass)s_basicPlane[c];
        }

        length = 2;
        return Classify(CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(c, text[index + 1])));
    }

    /// <summary>Class of a char that is not part of a surrogate pair.</summary>
    public static CharClass Of(char c) => (CharClass)s_basicPlane[c];

    private static byte[] BuildBasicPlane()
    {
        var table = new byte[char.MaxValue + 1];
        for (int c = 0; c < table.Length; c++)
        {
            table[c] = (byte)(char.IsWhiteSpace((char)c)
                ? CharClass.Space
                : Classify(CharUnicodeInfo.GetUnicodeCategory((char)c)));
        }

        return table;
    }

    private static CharClass Classify(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharClass.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharClass.Number,
        _ => CharClass.Other,
    };
}
