using System.Text;

namespace CacheProxy.Ledger.Findings;

/// <summary>A few characters of a text, on one line, with a part of them marked.</summary>
/// <param name="Text">At most <see cref="MostCharacters"/>.</param>
/// <param name="Start">Where in it the marked part begins.</param>
/// <param name="Length">Its characters.</param>
public readonly record struct Snippet(string Text, int Start, int Length)
{
    public const int MostCharacters = 80;

    // In front of the marked part; the rest goes behind it.
    private const int Before = 32;

    private const int MostBytesPerCharacter = 4;

    public static Snippet Of(string text)
    {
        string line = OneLine(text.Length <= MostCharacters ? text : text[..MostCharacters]);
        return new Snippet(line, 0, 0);
    }

    /// <param name="text">UTF-8, cut anywhere.</param>
    public static Snippet Around(ReadOnlySpan<byte> text, int start, int length)
    {
        int from = Math.Max(0, start - (Before * MostBytesPerCharacter));
        string before = Encoding.UTF8.GetString(text[from..start]);
        before = OneLine(before.Length > Before ? before[^Before..] : before);
        string marked = OneLine(Encoding.UTF8.GetString(text.Slice(start, length)));
        marked = marked.Length > MostCharacters - before.Length ? marked[..(MostCharacters - before.Length)] : marked;
        int rest = MostCharacters - before.Length - marked.Length;
        ReadOnlySpan<byte> behind = text[(start + length)..];
        string after = OneLine(Encoding.UTF8.GetString(behind[..Math.Min(behind.Length, rest * MostBytesPerCharacter)]));
        return new Snippet(before + marked + (after.Length > rest ? after[..rest] : after), before.Length, marked.Length);
    }

    // What a terminal or a page would obey stays out; a cut in the middle of a sign leaves U+FFFD.
    private static string OneLine(string text)
        => string.Create(text.Length, text, static (line, source) =>
        {
            for (int i = 0; i < line.Length; i++)
            {
                char c = source[i];
                bool isHalf = char.IsHighSurrogate(c) ? i + 1 == source.Length || !char.IsLowSurrogate(source[i + 1]) : char.IsLowSurrogate(c) && (i == 0 || !char.IsHighSurrogate(source[i - 1]));
                line[i] = char.IsControl(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.Format ? ' ' : isHalf ? '\uFFFD' : c;
            }
        });
}
