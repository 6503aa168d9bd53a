using static CacheProxy.Inference.Constraints.Grammar;

namespace CacheProxy.Inference.Constraints.Text;

/// <summary>Characters as their UTF-8 bytes: well-formed ones alone (Unicode 3.9, table 3-7).</summary>
internal static class Utf8Grammar
{
    // Last character of one, two, three and four bytes.
    private static readonly int[] LastOfLength = [0x7F, 0x7FF, 0xFFFF, 0x10FFFF];

    public static GrammarNode Of(CodePointSet set)
    {
        var options = new List<GrammarNode>();
        ByteSet ascii = default;
        foreach ((int first, int last) in set.Ranges)
        {
            int start = first;
            foreach (int end in LastOfLength.Where(end => end >= first))
            {
                int stop = Math.Min(end, last);
                if (stop <= 0x7F && start <= stop)
                {
                    ascii = ascii.Union(ByteSet.Range(start, stop));
                }
                else if (start <= stop)
                {
                    AddRange(Encode(start), Encode(stop), [], options);
                }

                start = stop + 1;
                if (stop == last)
                {
                    break;
                }
            }
        }

        if (!ascii.IsEmpty)
        {
            options.Add(new ByteNode(ascii));
        }

        return Choice(options);
    }

    /// <summary>Splits a range of encodings of one length into products of byte ranges.</summary>
    private static void AddRange(ReadOnlySpan<byte> low, ReadOnlySpan<byte> high, GrammarNode[] before, List<GrammarNode> options)
    {
        int rest = low.Length - 1;
        if (rest == 0 || (IsAll(low[1..], 0x80) && IsAll(high[1..], 0xBF)))
        {
            options.Add(Sequence([.. before, Bytes(low[0], high[0]), .. Enumerable.Repeat(Bytes(0x80, 0xBF), rest)]));
            return;
        }

        if (low[0] == high[0])
        {
            AddRange(low[1..], high[1..], [.. before, Bytes(low[0], low[0])], options);
            return;
        }

        Span<byte> edge = stackalloc byte[low.Length];
        edge.Fill(0xBF);
        edge[0] = low[0];
        AddRange(low, edge, before, options);
        if (high[0] - low[0] > 1)
        {
            options.Add(Sequence([.. before, Bytes((byte)(low[0] + 1), (byte)(high[0] - 1)), .. Enumerable.Repeat(Bytes(0x80, 0xBF), rest)]));
        }

        edge.Fill(0x80);
        edge[0] = high[0];
        AddRange(edge, high, before, options);
    }

    private static bool IsAll(ReadOnlySpan<byte> bytes, byte value) => bytes.IndexOfAnyExcept(value) < 0;

    private static GrammarNode Bytes(byte first, byte last) => new ByteNode(ByteSet.Range(first, last));

    private static byte[] Encode(int codePoint) => System.Text.Encoding.UTF8.GetBytes(char.ConvertFromUtf32(codePoint));
}
