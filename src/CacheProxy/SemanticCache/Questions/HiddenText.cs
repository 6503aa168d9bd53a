using System.Globalization;
using System.Text;

namespace CacheProxy.SemanticCache.Questions;

/// <summary>
/// Finds characters that show nothing: zero-width and direction marks, control and tag characters, fillers, runs of variation selectors. The model
/// upstream reads them, encoder and verifier drop them, so two texts that look the same here may be different requests there, up to whole
/// instructions that nobody sees. Joiners and selectors inside an emoji are part of it.
/// </summary>
public static class HiddenText
{
    private const int ZeroWidthJoiner = 0x200D;

    public static bool IsIn(string text)
    {
        Rune previous = default;
        bool needsSymbol = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (needsSymbol && !IsSymbol(rune))
            {
                return true;
            }

            needsSymbol = rune.Value == ZeroWidthJoiner;
            if (needsSymbol ? !(IsSymbol(previous) || IsEmojiSelector(previous)) : Hides(rune, previous))
            {
                return true;
            }

            previous = rune;
        }

        return needsSymbol;
    }

    private static bool Hides(Rune rune, Rune previous) => Rune.GetUnicodeCategory(rune) switch
    {
        // What is left of half a surrogate pair.
        _ when rune == Rune.ReplacementChar => true,
        UnicodeCategory.Control => rune.Value is not ('\t' or '\n' or '\r'),
        UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => true,
        UnicodeCategory.NonSpacingMark when IsSelector(rune) => !IsEmojiSelector(rune) || IsSelector(previous) || previous == default,
        _ => rune.Value is 0x115F or 0x1160 or 0x3164 or 0xFFA0 or 0x2800,
    };

    private static bool IsSelector(Rune rune) => rune.Value is (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF);

    private static bool IsEmojiSelector(Rune rune) => rune.Value is 0xFE0E or 0xFE0F;

    private static bool IsSymbol(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherSymbol or UnicodeCategory.ModifierSymbol;
}
