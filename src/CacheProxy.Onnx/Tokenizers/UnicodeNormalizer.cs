using System.Runtime.InteropServices;
using System.Text;

namespace CacheProxy.Onnx.Tokenizers;

/// <summary>Canonical decomposition (NFD) and composition (NFC) by Unicode's own algorithm, see <see cref="CanonicalData"/> for why.</summary>
internal static class UnicodeNormalizer
{
    /// <summary>No code point decomposes to more.</summary>
    public const int MaxParts = 4;

    private const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TrailCount = 28, HangulCount = LeadCount * VowelCount * TrailCount;

    /// <summary>True when the text is NFC for sure: no character from U+0300 on.</summary>
    public static bool IsSurelyComposed(ReadOnlySpan<char> text) => !text.ContainsAnyInRange('\u0300', '\uFFFF');

    /// <summary>Appends the NFD code points of <paramref name="text"/>; a lone surrogate becomes U+FFFD.</summary>
    public static void Decompose(ReadOnlySpan<char> text, List<int> output)
    {
        int start = output.Count;
        Span<int> parts = stackalloc int[MaxParts];
        foreach (Rune rune in text.EnumerateRunes())
        {
            output.AddRange(parts[..Decompose(rune.Value, parts)]);
        }

        OrderMarks(CanonicalData.Shared, CollectionsMarshal.AsSpan(output)[start..]);
    }

    /// <summary>Writes the full decomposition of one code point, or itself when it has none; returns how many of <paramref name="parts"/> were written.</summary>
    public static int Decompose(int c, Span<int> parts)
    {
        if ((uint)(c - HangulBase) < HangulCount)
        {
            return DecomposeHangul(c - HangulBase, parts);
        }

        ReadOnlySpan<int> found = c < 0xC0 ? default : CanonicalData.Shared.Decompose(c);
        if (found.IsEmpty)
        {
            parts[0] = c;
            return 1;
        }

        found.CopyTo(parts);
        return found.Length;
    }

    /// <summary>NFC of the text.</summary>
    public static string Compose(ReadOnlySpan<char> text)
    {
        var points = new List<int>(text.Length);
        Decompose(text, points);
        ComposeInPlace(CanonicalData.Shared, points);
        var result = new StringBuilder(points.Count);
        foreach (int c in points)
        {
            result.Append(new Rune(c).ToString());
        }

        return result.ToString();
    }

    /// <summary>Sorts each run of marks by combining class, equal classes in their order. Not by insertion: a run may be a megabyte long.</summary>
    private static void OrderMarks(CanonicalData data, Span<int> points)
    {
        for (int i = 0; i < points.Length; i++)
        {
            int start = i;
            bool ordered = true;
            for (byte previous = 0; i < points.Length && data.ClassOf(points[i]) is byte current and > 0; i++)
            {
                ordered &= current >= previous;
                previous = current;
            }

            if (!ordered)
            {
                SortRun(data, points[start..i]);
            }
        }
    }

    private static void SortRun(CanonicalData data, Span<int> run)
    {
        // Class, then place, then the code point itself (21 bits): an unstable sort of these keys is a stable one of the run.
        var keys = new ulong[run.Length];
        for (int i = 0; i < run.Length; i++)
        {
            keys[i] = ((ulong)data.ClassOf(run[i]) << 56) | ((ulong)i << 21) | (uint)run[i];
        }

        Array.Sort(keys);
        for (int i = 0; i < run.Length; i++)
        {
            run[i] = (int)(keys[i] & 0x1FFFFF);
        }
    }

    private static int DecomposeHangul(int index, Span<int> parts)
    {
        parts[0] = LeadBase + (index / (VowelCount * TrailCount));
        parts[1] = VowelBase + (index % (VowelCount * TrailCount) / TrailCount);
        parts[2] = TrailBase + (index % TrailCount);
        return index % TrailCount == 0 ? 2 : 3;
    }

    private static void ComposeInPlace(CanonicalData data, List<int> points)
    {
        int written = 0, starter = -1, lastClass = -1;
        foreach (int c in points.ToArray())
        {
            int combiningClass = data.ClassOf(c);
            int joined = starter >= 0 && lastClass < combiningClass ? ComposePair(data, points[starter], c) : -1;
            if (joined >= 0)
            {
                points[starter] = joined;
                continue;
            }

            // A starter blocks only what stands behind it, so a directly following one may still compose: hence -1, not 0.
            lastClass = combiningClass == 0 ? -1 : combiningClass;
            starter = combiningClass == 0 ? written : starter;
            points[written++] = c;
        }

        points.RemoveRange(written, points.Count - written);
    }

    private static int ComposePair(CanonicalData data, int first, int second)
    {
        int lead = first - LeadBase, vowel = second - VowelBase;
        if ((uint)lead < LeadCount && (uint)vowel < VowelCount)
        {
            return HangulBase + (((lead * VowelCount) + vowel) * TrailCount);
        }

        int syllable = first - HangulBase, trail = second - TrailBase;
        bool isOpenSyllable = (uint)syllable < HangulCount && syllable % TrailCount == 0;
        return isOpenSyllable && trail is > 0 and < TrailCount ? first + trail : data.Compose(first, second);
    }
}
