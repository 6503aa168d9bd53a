namespace CacheProxy.Inference.Templates.Jinja;

/// <summary>Operators with Python's meaning: // and % round down, / always gives a number, + joins, * repeats.</summary>
internal static class JinjaArithmetic
{
    public static object Apply(string symbol, object? left, object? right, int line, JinjaBudget budget)
    {
        try
        {
            return (symbol, left, right) switch
            {
                ("~", _, _) => Join(JinjaValue.ToText(left), JinjaValue.ToText(right), line, budget),
                ("+", JinjaText a, JinjaText b) => Join(a, b, line, budget),
                ("+", List<object?> a, List<object?> b) => JoinLists(a, b, line, budget),
                ("*", JinjaText text, long count) => Repeat(text, count, line, budget),
                ("*", long count, JinjaText text) => Repeat(text, count, line, budget),
                (_, long or bool, long or bool) => Integers(symbol, Convert.ToInt64(left), Convert.ToInt64(right), line),
                _ when JinjaValue.AsNumber(left) is { } a && JinjaValue.AsNumber(right) is { } b => Numbers(symbol, a, b, line),
                _ => throw new JinjaException($"{JinjaValue.NameOf(left)} and {JinjaValue.NameOf(right)} cannot be used with '{symbol}'.", line),
            };
        }
        catch (OverflowException)
        {
            throw new JinjaException($"'{symbol}' gives a number that is too large.", line);
        }
    }

    private static JinjaText Join(JinjaText left, JinjaText right, int line, JinjaBudget budget)
    {
        budget.Reserve(line, (long)left.Length + right.Length);
        return JinjaText.Concat(left, right);
    }

    private static List<object?> JoinLists(List<object?> left, List<object?> right, int line, JinjaBudget budget)
    {
        budget.Step(line, (left.Count + right.Count) / 4);
        return [.. left, .. right];
    }

    private static JinjaText Repeat(JinjaText text, long count, int line, JinjaBudget budget)
    {
        count = text.Length == 0 ? 0 : Math.Clamp(count, 0, int.MaxValue);
        budget.Reserve(line, text.Length * count);
        var builder = new JinjaText.Builder();
        for (long i = 0; i < count; i++)
        {
            builder.Append(text);
        }

        return builder.Build();
    }

    private static object Integers(string symbol, long left, long right, int line)
    {
        if (right == 0 && symbol is ("/" or "//" or "%"))
        {
            throw new JinjaException("division by zero.", line);
        }

        return symbol switch
        {
            "+" => checked(left + right),
            "-" => checked(left - right),
            "*" => checked(left * right),
            "//" => checked((left / right) - ((left % right != 0) && ((left < 0) != (right < 0)) ? 1 : 0)),
            "%" => right == -1 ? 0 : ((left % right) + right) % right,
            "**" when right is >= 0 and < 64 => Power(left, right),
            _ => Numbers(symbol, left, right, line),
        };
    }

    private static object Numbers(string symbol, double left, double right, int line) => symbol switch
    {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" or "//" or "%" when right == 0 => throw new JinjaException("division by zero.", line),
        "/" => left / right,
        "//" => Math.Floor(left / right),
        "%" => left - (right * Math.Floor(left / right)),
        "**" => Math.Pow(left, right),
        _ => throw new JinjaException($"unknown operator '{symbol}'.", line),
    };

    private static long Power(long value, long exponent)
    {
        long result = 1;
        for (long i = 0; i < exponent; i++)
        {
            result = checked(result * value);
        }

        return result;
    }
}
