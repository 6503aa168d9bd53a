using System.Globalization;
using static CacheProxy.Inference.Constraints.Grammar;

namespace CacheProxy.Inference.Constraints.Json;

/// <summary>The decimal texts of the integers between two bounds, both included.</summary>
internal static class IntegerRange
{
    public static GrammarNode Between(long low, long high)
    {
        var options = new List<GrammarNode>();
        if (low < 0)
        {
            options.Add(Sequence(Literal("-"), Positive(Math.Max(1, -high), -low)));
        }

        if (low <= 0 && high >= 0)
        {
            options.Add(Literal("0"));
        }

        if (high > 0)
        {
            options.Add(Positive(Math.Max(1, low), high));
        }

        return Choice(options);
    }

    /// <summary>For each number of digits the part of the range that has it.</summary>
    private static GrammarNode Positive(long low, long high)
    {
        var options = new List<GrammarNode>();
        long smallest = 1;
        for (int digits = 1; smallest <= high; digits++, smallest *= 10)
        {
            long largest = (smallest * 10) - 1;
            if (largest >= low)
            {
                options.Add(SameLength(Text(Math.Max(low, smallest)), Text(Math.Min(high, largest))));
            }
        }

        return Choice(options);
    }

    private static GrammarNode SameLength(string low, string high)
    {
        if (low.Length == 0)
        {
            return Empty;
        }

        int rest = low.Length - 1;
        (string least, string most) = (new('0', rest), new('9', rest));
        if (low[1..] == least && high[1..] == most)
        {
            return Sequence(Digits(low[0], high[0]), Repeat(Digit, rest, rest));
        }

        if (low[0] == high[0])
        {
            return Sequence(Digits(low[0], low[0]), SameLength(low[1..], high[1..]));
        }

        var options = new List<GrammarNode>
        {
            Sequence(Digits(low[0], low[0]), SameLength(low[1..], most)),
            Sequence(Digits(high[0], high[0]), SameLength(least, high[1..])),
        };
        if (high[0] - low[0] > 1)
        {
            options.Add(Sequence(Digits((char)(low[0] + 1), (char)(high[0] - 1)), Repeat(Digit, rest, rest)));
        }

        return Choice(options);
    }

    private static ByteNode Digits(char first, char last) => new(ByteSet.Range(first, last));

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
