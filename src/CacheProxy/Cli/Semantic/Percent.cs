using System.Globalization;
using CacheProxy.SemanticCache.Truth;

namespace CacheProxy.Cli.Semantic;

/// <summary>Shares and counts as the tables show them.</summary>
internal static class Percent
{
    /// <summary><c>4.92 %</c>; two digits under ten, one above.</summary>
    public static string Of(double share) => double.IsNaN(share) ? "-" : string.Create(CultureInfo.InvariantCulture, $"{Digits(share)} %");

    public static string Of(long part, long whole) => whole == 0 ? "-" : Of((double)part / whole);

    /// <summary><c>4.92 % (4.30-5.63)</c>: the share and its 95 % interval.</summary>
    public static string WithInterval(long part, long whole)
    {
        if (whole == 0)
        {
            return "-";
        }

        WilsonInterval interval = WilsonInterval.Of(part, whole);
        return $"{Of(part, whole)} ({Digits(interval.Lower)}-{Digits(interval.Upper)})";
    }

    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static string Threshold(double? threshold) => threshold is { } value && !double.IsNaN(value) ? value.ToString("F4", CultureInfo.InvariantCulture) : "-";

    private static string Digits(double share) => (share * 100).ToString(share < 0.0995 ? "F2" : "F1", CultureInfo.InvariantCulture);
}
