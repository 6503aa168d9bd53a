using System.Globalization;
using CacheProxy.Tuning.Evaluation;
using CacheProxy.Tuning.Statistics;

namespace CacheProxy.Cli.Semantic;

/// <summary>Every threshold of a report as a tab-separated file, for plots.</summary>
internal static class CurveFile
{
    public static async Task WriteAsync(string path, EvaluationReport report, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(path);
        await writer.WriteLineAsync("score\tthreshold\tserved\twrong");
        await WriteAsync(writer, "cascade", report.Cascade, cancellationToken);
        await WriteAsync(writer, "cosine", report.Cosine, cancellationToken);
    }

    private static async Task WriteAsync(StreamWriter writer, string name, ThresholdCurve curve, CancellationToken cancellationToken)
    {
        foreach (OperatingPoint point in curve.Points)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{name}\t{point.Threshold:R}\t{point.Served}\t{point.Wrong}"));
        }
    }
}
