using System.Globalization;
using CacheProxy.Cli.Semantic;
using CacheProxy.Ledger;

namespace CacheProxy.Cli.Reports;

/// <summary>Figures as the report shows them: money to the cent and where it is little to the nanodollar, never as 0 where it is not.</summary>
internal static class Amounts
{
    public static string Of(Money money)
    {
        decimal usd = money.ToUsd();
        decimal size = Math.Abs(usd);
        string digits = size == 0 || size >= 100 ? "N2" : size >= 1 ? "N4" : size >= 0.000001m ? "N6" : "N9";
        return (usd < 0 ? "-$" : "$") + size.ToString(digits, CultureInfo.InvariantCulture);
    }

    /// <param name="isPartOnly">There is more, of unknown price.</param>
    public static string Of(Money money, bool isPartOnly) => !isPartOnly ? Of(money) : money == Money.Zero ? "unknown" : Of(money) + " + ?";

    /// <summary>All nine digits.</summary>
    public static string Exact(Money money) => money.ToString() + " USD";

    public static string Count(long count) => Percent.Count(count);

    public static string Requests(long count) => count == 1 ? "1 request" : $"{Count(count)} requests";

    /// <summary><c>85 ms</c>, <c>1.25 s</c>, <c>14 min</c>, <c>3.2 h</c>; a dash for null.</summary>
    public static string Seconds(double? seconds)
    {
        if (seconds is not { } value || !double.IsFinite(value))
        {
            return "-";
        }

        double size = Math.Abs(value);
        return size switch
        {
            0 => "0 s",
            < 0.001 when size > 0 => Text(value * 1e6, "F0", "us"),
            < 1 => Text(value * 1000, size < 0.1 ? "F1" : "F0", "ms"),
            < 120 => Text(value, "F2", "s"),
            < 7200 => Text(value / 60, "F1", "min"),
            _ => Text(value / 3600, "F1", "h"),
        };
    }

    private static string Text(double value, string digits, string unit) => $"{value.ToString(digits, CultureInfo.InvariantCulture)} {unit}";
}
