using System.Text;

namespace CacheProxy.SemanticCache.Text;

/// <summary>Counts letters by Unicode block. Language-neutral and exact; which language a Latin text has is <see cref="LanguageDetector"/>'s guess.</summary>
public static class ScriptDetector
{
    public static Script Detect(string text)
    {
        Span<int> counts = stackalloc int[(int)Script.Mixed + 1];
        int letters = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Rune.IsLetter(rune))
            {
                counts[(int)Of(rune.Value)]++;
                letters++;
            }
        }

        if (letters == 0)
        {
            return Script.None;
        }

        // Kana marks Japanese, which writes most of its content words in Han.
        if (counts[(int)Script.Kana] > 0 && counts[(int)Script.Latin] * 5 < letters)
        {
            return Script.Kana;
        }

        int largest = counts[..(int)Script.Mixed].IndexOf(Max(counts));
        return (letters - counts[largest]) * 5 >= letters ? Script.Mixed : (Script)largest;
    }

    private static int Max(ReadOnlySpan<int> counts)
    {
        int max = 0;
        foreach (int count in counts)
        {
            max = Math.Max(max, count);
        }

        return max;
    }

    private static Script Of(int code) => code switch
    {
        < 0x250 or (>= 0x1E00 and < 0x1F00) or (>= 0xFF21 and <= 0xFF5A) => Script.Latin,
        >= 0x370 and < 0x400 or (>= 0x1F00 and < 0x2000) => Script.Greek,
        >= 0x400 and < 0x530 => Script.Cyrillic,
        >= 0x590 and < 0x600 => Script.Hebrew,
        >= 0x600 and < 0x780 or (>= 0xFB50 and < 0xFE00) or (>= 0xFE70 and < 0xFF00) => Script.Arabic,
        >= 0x900 and < 0x980 => Script.Devanagari,
        >= 0xE00 and < 0xE80 => Script.Thai,
        >= 0x3040 and < 0x3100 => Script.Kana,
        >= 0x1100 and < 0x1200 or (>= 0xAC00 and < 0xD7B0) => Script.Hangul,
        >= 0x3400 and < 0xA000 or (>= 0xF900 and < 0xFB00) or (>= 0x20000 and < 0x32000) => Script.Han,
        _ => Script.Other,
    };
}
