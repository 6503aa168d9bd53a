using System.Globalization;
using System.Text.RegularExpressions;

namespace CacheProxy.Benchmarks;

/// <summary>One run of the load generator wrk and what it reported.</summary>
/// <param name="RequestsPerSecond">Answers per second; errors and non-2xx answers fail the run instead.</param>
/// <param name="P50">Seconds.</param>
/// <param name="P99">Seconds.</param>
/// <param name="Requests">Answers in all.</param>
internal sealed partial record WrkRun(double RequestsPerSecond, double P50, double P99, long Requests)
{
    public static async Task<WrkRun> PostAsync(string script, Uri url, int connections, int seconds, CancellationToken cancellationToken)
    {
        string output = await ChildProcess.RunAsync(
            "wrk", ["-t", "1", "-c", $"{connections}", "-d", $"{seconds}s", "--latency", "-s", script, url.ToString()], cancellationToken);
        if (output.Contains("Non-2xx", StringComparison.Ordinal) || output.Contains("Socket errors", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"wrk met errors at {url}: {output}");
        }

        return new WrkRun(
            double.Parse(RateLine().Match(output).Groups[1].ValueSpan, CultureInfo.InvariantCulture),
            Seconds(PercentileLine("50").Match(output)),
            Seconds(PercentileLine("99").Match(output)),
            long.Parse(RequestsLine().Match(output).Groups[1].ValueSpan, CultureInfo.InvariantCulture));
    }

    private static Regex PercentileLine(string percent) => new($@"^\s+{percent}%\s+([\d.]+)(us|ms|s)", RegexOptions.Multiline);

    private static double Seconds(Match match)
    {
        double number = double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        return match.Groups[2].Value switch { "us" => number / 1e6, "ms" => number / 1e3, _ => number };
    }

    [GeneratedRegex(@"(\d+) requests in ")]
    private static partial Regex RequestsLine();

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex RateLine();
}
