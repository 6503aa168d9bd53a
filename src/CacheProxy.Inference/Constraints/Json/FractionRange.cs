using static CacheProxy.Inference.Constraints.Grammar;

namespace CacheProxy.Inference.Constraints.Json;

/// <summary>What may follow the integer part of a number so that its fraction lies between two others: nothing, or a point and digits.</summary>
/// <param name="maxDigits">Behind the point; at least as many as the bounds have.</param>
internal sealed class FractionRange(int maxDigits)
{
    private readonly Dictionary<(int, bool, bool), GrammarNode> _known = [];

    /// <summary>Digits of the least fraction, without zeros at the end; null: no bound.</summary>
    public string? Low { get; init; }

    public bool ExcludesLow { get; init; }

    /// <summary>Digits of the largest fraction; null: no bound.</summary>
    public string? High { get; init; }

    public bool ExcludesHigh { get; init; }

    public GrammarNode Build()
    {
        (bool atLow, bool atHigh) = (Low is not null, High is not null);
        GrammarNode point = maxDigits == 0 ? Nothing : Sequence(Literal("."), More(0, atLow, atHigh));
        return CanEnd(0, atLow, atHigh) ? Choice(Empty, point) : point;
    }

    /// <summary>Any fraction.</summary>
    public GrammarNode Free() => maxDigits == 0 ? Empty : Optional(Sequence(Literal("."), Repeat(Digit, 1, maxDigits)));

    /// <summary>At least one more digit.</summary>
    /// <param name="done">Digits so far.</param>
    /// <param name="atLow">They are those of the lower bound.</param>
    /// <param name="atHigh">They are those of the upper bound.</param>
    private GrammarNode More(int done, bool atLow, bool atHigh)
    {
        if (done == maxDigits)
        {
            return Nothing;
        }

        if (_known.TryGetValue((done, atLow, atHigh), out GrammarNode? known))
        {
            return known;
        }

        (int least, int most) = (atLow ? DigitOf(Low!, done) : 0, atHigh ? DigitOf(High!, done) : 9);
        var options = new List<GrammarNode>();
        for (int digit = least; digit <= most; digit++)
        {
            (bool staysLow, bool staysHigh) = (atLow && digit == least, atHigh && digit == most);
            GrammarNode more = More(done + 1, staysLow, staysHigh);
            GrammarNode rest = CanEnd(done + 1, staysLow, staysHigh) ? Choice(Empty, more) : more;
            options.Add(Sequence(new ByteNode(ByteSet.Range('0' + digit, '0' + digit)), rest));
        }

        return _known[(done, atLow, atHigh)] = Choice(options);
    }

    private bool CanEnd(int done, bool atLow, bool atHigh)
        => !(atLow && (done < Low!.Length || ExcludesLow)) && !(atHigh && done >= High!.Length && ExcludesHigh);

    private static int DigitOf(string digits, int index) => index < digits.Length ? digits[index] - '0' : 0;
}
