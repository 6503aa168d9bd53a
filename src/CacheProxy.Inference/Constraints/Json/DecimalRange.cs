using System.Globalization;
using static CacheProxy.Inference.Constraints.Grammar;

namespace CacheProxy.Inference.Constraints.Json;

/// <summary>
/// The decimal texts of the numbers between two bounds, without an exponent. At most 15 digits altogether, so that no reader
/// rounds a number across a bound.
/// </summary>
internal static class DecimalRange
{
    private const int MaxDigits = 15;

    // How far a range without an upper bound goes, or to the next whole number above its lower one.
    private const long LargestOpen = 99_999_999;

    /// <returns>Null when a bound has too many digits or nothing lies between them.</returns>
    public static GrammarNode? Within(NumberBounds bounds)
    {
        decimal largest = Math.Max(Math.Abs(bounds.Low ?? 0), Math.Abs(bounds.High ?? 0));
        if (largest >= 1e15m || bounds.Low > bounds.High || (bounds.Low == bounds.High && (bounds.ExcludesLow || bounds.ExcludesHigh)))
        {
            return null;
        }

        int fraction = Math.Max(FractionOf(bounds.Low ?? 0).Length, FractionOf(bounds.High ?? 0).Length);
        int integer = IntegerText(bounds.Low is null || bounds.High is null ? Math.Max(largest, LargestOpen) : largest).Length;
        if (integer + fraction > MaxDigits)
        {
            return null;
        }

        int digits = MaxDigits - integer;
        var options = new List<GrammarNode>();
        if (bounds.Low is not >= 0)
        {
            // The mirror image; 0 itself is written without a sign.
            bool isBelowZero = bounds.High < 0;
            options.Add(Sequence(
                Literal("-"), NotNegative(new(isBelowZero ? -bounds.High : 0, !isBelowZero || bounds.ExcludesHigh, -bounds.Low, bounds.ExcludesLow), digits)));
        }

        if (bounds.High is not < 0)
        {
            options.Add(NotNegative(bounds.Low is >= 0 ? bounds : bounds with { Low = 0, ExcludesLow = false }, digits));
        }

        return Choice(options);
    }

    private static GrammarNode NotNegative(NumberBounds bounds, int digits)
    {
        decimal low = bounds.Low ?? 0;
        (long first, string lowFraction) = ((long)decimal.Truncate(low), FractionOf(low));
        if (bounds.High is not { } high)
        {
            GrammarNode above = Sequence(IntegerRange.Between(first + 1, Math.Max(first + 1, LargestOpen)), new FractionRange(digits).Free());
            return Choice(Sequence(Integer(first), new FractionRange(digits) { Low = lowFraction, ExcludesLow = bounds.ExcludesLow }.Build()), above);
        }

        (long last, string highFraction) = ((long)decimal.Truncate(high), FractionOf(high));
        if (first == last)
        {
            return Sequence(Integer(first), new FractionRange(digits)
            {
                Low = lowFraction,
                ExcludesLow = bounds.ExcludesLow,
                High = highFraction,
                ExcludesHigh = bounds.ExcludesHigh,
            }.Build());
        }

        var options = new List<GrammarNode>
        {
            Sequence(Integer(first), new FractionRange(digits) { Low = lowFraction, ExcludesLow = bounds.ExcludesLow }.Build()),
            Sequence(Integer(last), new FractionRange(digits) { High = highFraction, ExcludesHigh = bounds.ExcludesHigh }.Build()),
        };
        if (last - first > 1)
        {
            options.Add(Sequence(IntegerRange.Between(first + 1, last - 1), new FractionRange(digits).Free()));
        }

        return Choice(options);
    }

    private static GrammarNode Integer(long value) => Literal(value.ToString(CultureInfo.InvariantCulture));

    private static string IntegerText(decimal value) => decimal.Truncate(value).ToString(CultureInfo.InvariantCulture);

    private static string FractionOf(decimal value)
    {
        string text = Math.Abs(value).ToString(CultureInfo.InvariantCulture);
        int point = text.IndexOf('.', StringComparison.Ordinal);
        return point < 0 ? "" : text[(point + 1)..].TrimEnd('0');
    }
}
