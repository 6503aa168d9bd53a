using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace CacheProxy.Protocol.Prometheus;

/// <summary>Upper bounds of a histogram's buckets, inclusive, and a last bucket without one.</summary>
internal sealed class HistogramBounds
{
    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
    private static readonly double[] Bytes = [.. Enumerable.Range(4, 10).Select(exponent => Math.Pow(4, exponent))];
    private static readonly double[] Tokens = [.. Enumerable.Range(0, 10).Select(exponent => Math.Pow(4, exponent))];

    // What the OpenTelemetry SDKs take where nothing else is known.
    private static readonly double[] Other = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

    private readonly double[] _bounds;
    private readonly byte[][] _labels;
    private readonly byte[][] _openMetricsLabels;

    private HistogramBounds(IEnumerable<double> bounds)
    {
        _bounds = [.. bounds.Where(double.IsFinite).Distinct().Order()];
        _labels = [.. _bounds.Select(bound => bound.ToString(CultureInfo.InvariantCulture)).Append("+Inf").Select(ToLabel)];
        _openMetricsLabels = [.. _bounds.Select(ToCanonical).Append("+Inf").Select(ToLabel)];
    }

    public int BucketCount => _labels.Length;

    /// <summary>The instrument's own advice, else what suits its unit: 1 ms to 60 s, 256 B to 64 MiB, 1 to 262,144 tokens.</summary>
    public static HistogramBounds Of(Instrument instrument) => new(AdviceOf(instrument) ?? instrument.Unit switch
    {
        "s" => Seconds,
        "ms" => Seconds.Select(bound => bound * 1000),
        "By" => Bytes,
        "{token}" => Tokens,
        _ => Other,
    });

    public int BucketOf(double value)
    {
        int index = _bounds.AsSpan().BinarySearch(value);
        return index < 0 ? ~index : index;
    }

    public ReadOnlySpan<byte> LabelOf(int bucket, MetricsFormat format) => (format == MetricsFormat.OpenMetrics ? _openMetricsLabels : _labels)[bucket];

    private static byte[] ToLabel(string bound) => Encoding.UTF8.GetBytes($"le=\"{bound}\"");

    // OpenMetrics writes whole bounds with a fraction, as Prometheus itself keeps them.
    private static string ToCanonical(double bound)
    {
        string text = bound.ToString(CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text;
    }

    private static IEnumerable<double>? AdviceOf(Instrument instrument) => instrument switch
    {
        Histogram<double> histogram => histogram.Advice?.HistogramBucketBoundaries,
        Histogram<float> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound),
        Histogram<long> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound),
        Histogram<int> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound),
        _ => null,
    };
}
