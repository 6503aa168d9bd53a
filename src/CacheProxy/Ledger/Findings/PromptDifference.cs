namespace CacheProxy.Ledger.Findings;

/// <summary>
/// Where two prompts that are otherwise alike first differ. Prompts that differ in something short and then go on alike for long could share what
/// comes after it, were it not in front.
/// </summary>
/// <param name="Start">First byte of the differing text in the later prompt: what comes before is the same.</param>
/// <param name="Length">Its bytes in the later prompt.</param>
/// <param name="EarlierLength">Its bytes in the earlier one.</param>
/// <param name="Reusable">Bytes behind it that both have alike, in one or several runs.</param>
internal readonly record struct PromptDifference(int Start, int Length, int EarlierLength, int Reusable)
{
    /// <summary>Bytes that a differing text has at most; more is another prompt.</summary>
    public const int MostBytes = 64;

    /// <summary>Bytes behind it that make it worth knowing: about 64 tokens.</summary>
    public const int LeastReusable = 256;

    // So many equal bytes in a row are no accident: where the two prompts meet again.
    private const int Anchor = 32;

    // A date, an id and a name: further ones are counted as the end of what could be used.
    private const int MostRuns = 4;

    /// <returns>Null: the two begin alike as far as they are alike at all, or have nothing in common.</returns>
    public static PromptDifference? Find(ReadOnlySpan<byte> earlier, ReadOnlySpan<byte> later)
    {
        int start = earlier.CommonPrefixLength(later);
        start = WordStart(later, start);
        (int left, int right) = (start, start);
        (int length, int earlierLength, int reusable) = (0, 0, 0);
        for (int run = 0; run < MostRuns && Meet(earlier[left..], later[right..]) is { } skip; run++)
        {
            if (run == 0)
            {
                (earlierLength, length) = skip;
            }

            int alike = earlier[(left + skip.Earlier)..].CommonPrefixLength(later[(right + skip.Later)..]);
            reusable += alike;
            left += skip.Earlier + alike;
            right += skip.Later + alike;
        }

        // Where one of them has nothing there it is another prompt, not another value.
        return reusable >= LeastReusable && length > 0 && earlierLength > 0 ? new PromptDifference(start, length, earlierLength, reusable) : null;
    }

    // The shortest texts to leave out, together, so that what follows is alike. 64 x 64 places at most, nearly all of which end at the first byte.
    private static (int Earlier, int Later)? Meet(ReadOnlySpan<byte> earlier, ReadOnlySpan<byte> later)
    {
        for (int sum = 1; sum <= 2 * MostBytes; sum++)
        {
            for (int skipped = Math.Max(0, sum - MostBytes); skipped <= Math.Min(sum, MostBytes); skipped++)
            {
                int other = sum - skipped;
                if (earlier.Length >= skipped + Anchor && later.Length >= other + Anchor
                    && earlier[skipped] == later[other] && earlier.Slice(skipped, Anchor).SequenceEqual(later.Slice(other, Anchor)))
                {
                    return (skipped, other);
                }
            }
        }

        return null;
    }

    // 10:05:33 and 10:05:34 differ in one digit; what changes is the time.
    private static int WordStart(ReadOnlySpan<byte> text, int at)
    {
        int start = Math.Min(at, text.Length);
        while (start > 0 && at - start < MostBytes / 2 && IsWord(text[start - 1]))
        {
            start--;
        }

        return start;
    }

    private static bool IsWord(byte value) => char.IsAsciiLetterOrDigit((char)value) || value is (byte)'-' or (byte)':' or (byte)'.' or (byte)'_' or (byte)'+' or >= 0x80;
}
