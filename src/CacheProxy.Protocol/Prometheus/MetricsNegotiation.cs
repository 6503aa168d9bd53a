using System.Globalization;
using System.Net.Http.Headers;

namespace CacheProxy.Protocol.Prometheus;

/// <summary>What a scraper gets for its <c>Accept</c> (RFC 9110 §12.5.1): OpenMetrics where it names it and likes nothing better, text elsewhere.</summary>
public static class MetricsNegotiation
{
    public const string TextType = "text/plain; version=0.0.4; charset=utf-8";
    public const string OpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private static readonly string[] OpenMetricsVersions = ["1.0.0", "0.0.1"];

    public static string ContentTypeOf(MetricsFormat format) => format == MetricsFormat.OpenMetrics ? OpenMetricsType : TextType;

    /// <param name="accept">Null or empty: everything is welcome. What cannot be read of it does not count.</param>
    public static MetricsFormat FormatOf(string? accept)
    {
        double openMetrics = 0, text = 0;
        foreach (string part in (accept ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!MediaTypeWithQualityHeaderValue.TryParse(part, out MediaTypeWithQualityHeaderValue? range))
            {
                continue;
            }

            string version = range.Parameters.FirstOrDefault(parameter => parameter.Name.Equals("version", StringComparison.OrdinalIgnoreCase))?.Value?.Trim('"') ?? "";
            switch (range.MediaType?.ToLower(CultureInfo.InvariantCulture))
            {
                case "application/openmetrics-text" when version.Length == 0 || OpenMetricsVersions.Contains(version):
                    openMetrics = Math.Max(openMetrics, range.Quality ?? 1);
                    break;
                case "text/plain" when version is "" or "0.0.4":
                    text = Math.Max(text, range.Quality ?? 1);
                    break;
            }
        }

        // Wildcards are satisfied by either: they do not make anybody read a format that it did not name.
        return openMetrics > 0 && openMetrics >= text ? MetricsFormat.OpenMetrics : MetricsFormat.Text;
    }
}
