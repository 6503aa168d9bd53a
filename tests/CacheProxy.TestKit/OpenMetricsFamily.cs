using System.Globalization;

namespace CacheProxy.TestKit;

/// <summary>One metric of an <see cref="OpenMetricsPage"/>.</summary>
public sealed class OpenMetricsFamily(string name)
{
    public string Name => name;

    public string Type { get; set; } = "";

    public string Unit { get; set; } = "";

    public List<OpenMetricsSample> Samples { get; } = [];

    /// <summary>What its type demands.</summary>
    /// <exception cref="FormatException">Names the rule.</exception>
    internal void Check()
    {
        OpenMetricsPage.Require(Samples.Count > 0, $"{name} has no sample");
        string[] suffixes = Type switch
        {
            "counter" => ["_total", "_created"],
            "histogram" => ["_bucket", "_sum", "_count", "_created"],
            "gauge" => [""],
            _ => [],
        };
        OpenMetricsPage.Require(Samples.TrueForAll(sample => suffixes.Contains(sample.Suffix)), $"{name} has a sample that no {Type} has");
        OpenMetricsPage.Require(Type != "counter" || Samples.TrueForAll(sample => sample.Value >= 0), $"{name} is negative");
        if (Type == "histogram")
        {
            foreach (IGrouping<string, OpenMetricsSample> series in Samples.GroupBy(sample => string.Join(',', sample.Labels.Where(label => label.Key != "le").OrderBy(label => label.Key))))
            {
                CheckBuckets([.. series.Where(sample => sample.Suffix == "_bucket")], series.Single(sample => sample.Suffix == "_count").Value);
            }
        }
    }

    private void CheckBuckets(List<OpenMetricsSample> buckets, double count)
    {
        OpenMetricsPage.Require(buckets.Count > 0 && buckets[^1].Labels["le"] == "+Inf" && buckets[^1].Value == count, $"{name}'s last bucket is not its count");
        double bound = double.NegativeInfinity, below = 0;
        foreach (OpenMetricsSample bucket in buckets)
        {
            string le = bucket.Labels["le"];
            double next = le == "+Inf" ? double.PositiveInfinity : double.Parse(le, CultureInfo.InvariantCulture);
            OpenMetricsPage.Require(le == "+Inf" || le.AsSpan().IndexOfAny('.', 'e', 'E') > 0, $"{name} has a bound without a fraction: {le}");
            OpenMetricsPage.Require(next > bound && bucket.Value >= below, $"{name}'s buckets fall");
            OpenMetricsPage.Require(bucket.Exemplar is null || (bucket.ExemplarValue <= next && bucket.ExemplarValue > bound), $"{name} has an exemplar outside of its bucket");
            (bound, below) = (next, bucket.Value);
        }
    }
}
