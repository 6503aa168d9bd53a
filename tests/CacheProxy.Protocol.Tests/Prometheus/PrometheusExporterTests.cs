using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;
using CacheProxy.Protocol.Prometheus;

namespace CacheProxy.Protocol.Tests.Prometheus;

public sealed class PrometheusExporterTests : IDisposable
{
    private readonly object _scope = new();
    private readonly Meter _meter;
    private readonly PrometheusExporter _exporter;

    public PrometheusExporterTests()
    {
        _meter = new Meter("tests", version: null, tags: null, _scope);
        _exporter = new PrometheusExporter(_scope, ["tests"], maxSeries: 4);
    }

    [Fact]
    public void Write_OneOfEachKind_IsThePageExpected()
    {
        Counter<long> requests = _meter.CreateCounter<long>("shop.requests", "{request}", "Requests answered");
        requests.Add(2, new("shop.outcome", "hit"), new("shop.tier", "exact"));
        requests.Add(1, new("shop.outcome", "miss"), new("shop.tier", ""));
        requests.Add(3, new("shop.tier", "exact"), new("shop.outcome", "hit"));
        _meter.CreateCounter<double>("shop.cost.saved", "USD").Add(0.25);
        _meter.CreateUpDownCounter<int>("shop.open", "{request}").Add(-2);
        _meter.CreateGauge<double>("shop.load", "1", "Share of time").Record(0.5);
        Histogram<double> durations = _meter.CreateHistogram(
            "shop.request.duration", "s", "Time", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.1, 1] });
        durations.Record(0.1);
        durations.Record(0.25);
        durations.Record(7);
        _meter.CreateObservableGauge("shop.memory", () => 1024L, "By");
        _meter.CreateObservableCounter("shop.steps", () => new Measurement<int>(9, new KeyValuePair<string, object?>("busy", true)), "{step}");
        _meter.CreateObservableUpDownCounter("shop.queue", () => 4);
        Assert.Equal(
            """
            # TYPE shop_cost_saved_USD_total counter
            shop_cost_saved_USD_total 0.25
            # HELP shop_load_ratio Share of time
            # TYPE shop_load_ratio gauge
            shop_load_ratio 0.5
            # TYPE shop_memory_bytes gauge
            shop_memory_bytes 1024
            # TYPE shop_open gauge
            shop_open -2
            # TYPE shop_queue gauge
            shop_queue 4
            # HELP shop_request_duration_seconds Time
            # TYPE shop_request_duration_seconds histogram
            shop_request_duration_seconds_bucket{le="0.01"} 0
            shop_request_duration_seconds_bucket{le="0.1"} 1
            shop_request_duration_seconds_bucket{le="1"} 2
            shop_request_duration_seconds_bucket{le="+Inf"} 3
            shop_request_duration_seconds_sum 7.35
            shop_request_duration_seconds_count 3
            # HELP shop_requests_total Requests answered
            # TYPE shop_requests_total counter
            shop_requests_total{shop_outcome="hit",shop_tier="exact"} 5
            shop_requests_total{shop_outcome="miss"} 1
            # TYPE shop_steps_total counter
            shop_steps_total{busy="true"} 9

            """.ReplaceLineEndings("\n"),
            Page());
    }

    [Fact]
    public void Write_BackslashesQuotesAndLines_AreEscaped()
    {
        _meter.CreateCounter<long>("c", null, "back\\slash \"quoted\"\nsecond").Add(1, new KeyValuePair<string, object?>("text", "back\\slash \"quoted\"\nsecond"));
        Assert.Equal(
            "# HELP c_total back\\\\slash \"quoted\"\\nsecond\n# TYPE c_total counter\nc_total{text=\"back\\\\slash \\\"quoted\\\"\\nsecond\"} 1\n", Page());
    }

    [Theory]
    [InlineData("a.b-c..d", "", "a_b_c_d")]
    [InlineData("9lives", "", "_9lives")]
    [InlineData("wait.seconds", "s", "wait_seconds")]
    [InlineData("rate", "By/s", "rate_bytes_per_second")]
    [InlineData("rate", "{token}/s", "rate_per_second")]
    [InlineData("temperature", "Cel", "temperature_celsius")]
    [InlineData("used", "%", "used_percent")]
    [InlineData("size", "{entry}", "size")]
    public void Write_NameAndUnit_FollowTheMapping(string name, string unit, string expected)
    {
        _meter.CreateGauge<int>(name, unit).Record(1);
        Assert.Equal($"# TYPE {expected} gauge\n{expected} 1\n", Page());
    }

    [Theory]
    [InlineData("s", "0.001", "60")]
    [InlineData("ms", "1", "60000")]
    [InlineData("By", "256", "67108864")]
    [InlineData("{token}", "1", "262144")]
    [InlineData("{thing}", "0", "10000")]
    public void Write_HistogramWithoutAdvice_HasBucketsForItsUnit(string unit, string first, string last)
    {
        _meter.CreateHistogram<long>("h", unit).Record(3);
        string[] bounds = [.. Page().Split('\n').Where(line => line.Contains("le=\"", StringComparison.Ordinal)).Select(line => line.Split('"')[1])];
        Assert.Equal((first, last, "+Inf"), (bounds[0], bounds[^2], bounds[^1]));
    }

    [Fact]
    public void Write_TagsThatReadAlike_AreOneSeries()
    {
        Counter<long> counter = _meter.CreateCounter<long>("c");
        counter.Add(1, new KeyValuePair<string, object?>("n", 1));
        counter.Add(2, new KeyValuePair<string, object?>("n", "1"));
        counter.Add(4, new("n", 1L), new("none", null));
        Assert.Equal("# TYPE c_total counter\nc_total{n=\"1\"} 7\n", Page());
    }

    [Fact]
    public void Write_KeysThatReadAlike_AreOneLabel()
    {
        _meter.CreateCounter<long>("c").Add(1, new("a.b", "x"), new("a_b", "y"));
        Assert.Equal("# TYPE c_total counter\nc_total{a_b=\"x;y\"} 1\n", Page());
    }

    [Fact]
    public void Write_MoreLabelSetsThanAllowed_CountInOneSeries()
    {
        Counter<long> counter = _meter.CreateCounter<long>("c");
        for (int i = 0; i < 10; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("n", i));
        }

        counter.Add(1, new KeyValuePair<string, object?>("n", 0));
        Assert.Equal(
            "# TYPE c_total counter\nc_total{n=\"0\"} 2\nc_total{n=\"1\"} 1\nc_total{n=\"2\"} 1\nc_total{n=\"3\"} 1\nc_total{otel_metric_overflow=\"true\"} 6\n", Page());
    }

    [Fact]
    public void Write_ValuesOutOfRange_AreWrittenOrDropped()
    {
        Counter<double> counter = _meter.CreateCounter<double>("c");
        counter.Add(double.NaN);
        counter.Add(-1);
        counter.Add(1);
        Counter<long> large = _meter.CreateCounter<long>("d");
        large.Add(long.MaxValue);
        large.Add(-5);
        _meter.CreateGauge<double>("g").Record(double.PositiveInfinity);
        Assert.Equal("# TYPE c_total counter\nc_total 1\n# TYPE d_total counter\nd_total 9223372036854775807\n# TYPE g gauge\ng +Inf\n", Page());
    }

    [Fact]
    public void Write_ObservedLabelSetGone_IsGoneFromThePage()
    {
        string[] names = ["a", "b"];
        _meter.CreateObservableGauge("g", () => names.Select(name => new Measurement<int>(1, new KeyValuePair<string, object?>("name", name))));
        Assert.Equal("# TYPE g gauge\ng{name=\"a\"} 1\ng{name=\"b\"} 1\n", Page());
        names = ["b"];
        Assert.Equal("# TYPE g gauge\ng{name=\"b\"} 1\n", Page());
    }

    [Fact]
    public void Write_OneObservableFails_TheOthersAreThere()
    {
        _meter.CreateObservableGauge("a", int () => throw new InvalidOperationException("broken"));
        _meter.CreateObservableGauge("b", () => 2);
        Assert.Equal("# TYPE b gauge\nb 2\n", Page());
    }

    [Fact]
    public void Write_OneNameTwoKinds_KeepsTheFirst()
    {
        _meter.CreateGauge<int>("x.y").Record(1);
        _meter.CreateUpDownCounter<int>("x_y").Add(5);
        Assert.Equal("# TYPE x_y gauge\nx_y 1\n", Page());
    }

    [Fact]
    public void Write_OtherScopesAndMeters_AreNotHeard()
    {
        using var otherScope = new Meter("tests", version: null, tags: null, new object());
        using var otherName = new Meter("others", version: null, tags: null, _scope);
        Counter<int> one = otherScope.CreateCounter<int>("c");
        Counter<int> two = otherName.CreateCounter<int>("c");
        one.Add(1);
        two.Add(1);
        Assert.False(one.Enabled || two.Enabled);
        Assert.Equal("", Page());
    }

    [Fact]
    public void Record_KnownSeries_AllocatesNothing()
    {
        Counter<long> counter = _meter.CreateCounter<long>("c");
        Histogram<double> histogram = _meter.CreateHistogram<double>("h", "s");
        void Measure()
        {
            counter.Add(1);
            counter.Add(1, new("tier", "exact"), new("outcome", "hit"));
            histogram.Record(0.3, new KeyValuePair<string, object?>("tier", "exact"));
        }

        // The first of each series, and what is compiled on the way, allocate.
        for (int i = 0; i < 100; i++)
        {
            Measure();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Measure();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task Record_ManyThreads_LosesNothing()
    {
        Counter<long> whole = _meter.CreateCounter<long>("c");
        Counter<double> parts = _meter.CreateCounter<double>("d");
        Histogram<double> histogram = _meter.CreateHistogram("h", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1] });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (int i = 0; i < 5000; i++)
            {
                var tag = new KeyValuePair<string, object?>("n", i % 3);
                whole.Add(1, tag);
                parts.Add(0.5);
                histogram.Record(i % 2 == 0 ? 0.5 : 2);
            }
        })));
        string[] page = Page().Split('\n');
        Assert.Contains("c_total{n=\"0\"} 6668", page);
        Assert.Contains("c_total{n=\"2\"} 6664", page);
        Assert.Contains("d_total 10000", page);
        Assert.Contains("h_bucket{le=\"1\"} 10000", page);
        Assert.Contains("h_count 20000", page);
        Assert.Contains("h_sum 25000", page);
    }

    public void Dispose()
    {
        _exporter.Dispose();
        _meter.Dispose();
    }

    private string Page()
    {
        var output = new ArrayBufferWriter<byte>();
        _exporter.Write(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
