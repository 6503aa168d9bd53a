using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using CacheProxy.Protocol.Prometheus;
using CacheProxy.TestKit;

namespace CacheProxy.Protocol.Tests.Prometheus;

public sealed class OpenMetricsTests : IDisposable
{
    private readonly object _scope = new();
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_250));
    private readonly Meter _meter;
    private readonly PrometheusExporter _exporter;

    public OpenMetricsTests()
    {
        _meter = new Meter("tests", version: null, tags: null, _scope);
        _exporter = new PrometheusExporter(_scope, ["tests"], maxSeries: 4, _clock);
    }

    [Fact]
    public void Write_OneOfEachKind_IsThePageExpected()
    {
        _meter.CreateCounter<long>("shop.requests", "{request}", "Requests \"answered\"").Add(2, new KeyValuePair<string, object?>("shop.outcome", "hit"));
        _meter.CreateCounter<double>("shop.cost.saved", "USD").Add(0.25);
        _meter.CreateGauge<double>("shop.load", "1").Record(0.5);
        _meter.CreateHistogram("shop.duration", "s", "Time", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 1] }).Record(0.1);
        _meter.CreateObservableCounter("shop.steps", () => 9, "{step}");
        Assert.Equal(
            """
            # TYPE shop_cost_saved_USD counter
            # UNIT shop_cost_saved_USD USD
            shop_cost_saved_USD_total 0.25
            shop_cost_saved_USD_created 1700000000.25
            # TYPE shop_duration_seconds histogram
            # UNIT shop_duration_seconds seconds
            # HELP shop_duration_seconds Time
            shop_duration_seconds_bucket{le="0.01"} 0
            shop_duration_seconds_bucket{le="1.0"} 1
            shop_duration_seconds_bucket{le="+Inf"} 1
            shop_duration_seconds_sum 0.1
            shop_duration_seconds_count 1
            shop_duration_seconds_created 1700000000.25
            # TYPE shop_load_ratio gauge
            # UNIT shop_load_ratio ratio
            shop_load_ratio 0.5
            # TYPE shop_requests counter
            # HELP shop_requests Requests \"answered\"
            shop_requests_total{shop_outcome="hit"} 2
            shop_requests_created{shop_outcome="hit"} 1700000000.25
            # TYPE shop_steps counter
            shop_steps_total 9
            # EOF

            """.ReplaceLineEndings("\n"),
            Page());
    }

    [Fact]
    public void Write_AnythingThatCanBeMeasured_FollowsTheGrammar()
    {
        var random = new Random(7);
        string[] hostile = ["plain", "quo\"te", "back\\slash", "li\nne", "brace}", "comma,", "ünï", " # {", ""];
        Counter<double> counter = _meter.CreateCounter<double>("c", "USD", "a \\ \"b\"\nc");
        Histogram<double> histogram = _meter.CreateHistogram<double>("h", "By");
        UpDownCounter<long> upDown = _meter.CreateUpDownCounter<long>("u");
        Gauge<double> gauge = _meter.CreateGauge<double>("g", "%");
        for (int i = 0; i < 200; i++)
        {
            var tag = new KeyValuePair<string, object?>(i % 2 == 0 ? "a.b" : "a_b", hostile[random.Next(hostile.Length)]);
            counter.Add(random.NextDouble() * Math.Pow(10, random.Next(-12, 20)), tag);
            histogram.Record(random.NextDouble() * Math.Pow(10, random.Next(0, 12)), tag);
            upDown.Add(random.Next(-5, 5), tag);
            gauge.Record(i % 3 == 0 ? double.NegativeInfinity : -1e-9, tag);
        }

        OpenMetricsPage page = OpenMetricsPage.Parse(Page());
        Assert.Equal(["c_USD", "g_percent", "h_bytes", "u"], page.Families.Select(family => family.Name));
        Assert.Contains(page["c_USD"].Samples, sample => sample.Labels.ContainsKey("otel_metric_overflow"));
    }

    [Fact]
    public void Write_Nothing_IsTheEndAlone() => Assert.Equal("# EOF\n", Page());

    [Fact]
    public void Write_InARecordedSpan_CountersAndBucketsCarryIt()
    {
        Counter<long> counter = _meter.CreateCounter<long>("c");
        Histogram<double> histogram = _meter.CreateHistogram("h", "s", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1] });
        UpDownCounter<long> upDown = _meter.CreateUpDownCounter<long>("u");
        using Activity span = Start(ActivityTraceFlags.Recorded);
        counter.Add(3);
        histogram.Record(0.5);
        upDown.Add(1);

        OpenMetricsPage page = OpenMetricsPage.Parse(Page());
        OpenMetricsSample total = page["c"].Samples[0], first = page["h_seconds"].Samples[0], second = page["h_seconds"].Samples[1];
        Assert.Equal((span.TraceId.ToHexString(), span.SpanId.ToHexString(), 3), (total.Exemplar!["trace_id"], total.Exemplar["span_id"], total.ExemplarValue));
        Assert.Equal((span.TraceId.ToHexString(), 0.5), (first.Exemplar!["trace_id"], first.ExemplarValue));
        Assert.Null(second.Exemplar);
        Assert.DoesNotContain("trace_id", Page(MetricsFormat.Text), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_InASpanThatIsNotRecorded_CarriesNothing()
    {
        Counter<long> counter = _meter.CreateCounter<long>("c");
        using Activity span = Start(ActivityTraceFlags.None);
        counter.Add(3);
        Assert.DoesNotContain("trace_id", Page(), StringComparison.Ordinal);
    }

    [Fact]
    public void Record_ManyTracedMeasurements_KeepOneASecond()
    {
        Counter<long> counter = _meter.CreateCounter<long>("c");
        string[] traces = new string[3];
        for (int i = 0; i < traces.Length; i++)
        {
            using Activity span = Start(ActivityTraceFlags.Recorded);
            counter.Add(1);
            traces[i] = span.TraceId.ToHexString();
            if (i == 1)
            {
                Assert.Contains(traces[0], Page(), StringComparison.Ordinal);
                _clock.Advance(TimeSpan.FromSeconds(1));
            }
        }

        Assert.Contains(traces[2], Page(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, MetricsFormat.Text)]
    [InlineData("", MetricsFormat.Text)]
    [InlineData("*/*", MetricsFormat.Text)]
    [InlineData("text/html,application/xhtml+xml,*/*;q=0.8", MetricsFormat.Text)]
    [InlineData("application/openmetrics-text", MetricsFormat.OpenMetrics)]
    [InlineData("Application/OpenMetrics-Text; version=\"1.0.0\"", MetricsFormat.OpenMetrics)]
    [InlineData("application/openmetrics-text;version=2.0.0", MetricsFormat.Text)]
    [InlineData("application/openmetrics-text;q=0", MetricsFormat.Text)]
    [InlineData("application/openmetrics-text;q=0.4,text/plain;q=0.5", MetricsFormat.Text)]
    [InlineData("text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;q=0.75,*/*;q=0.1", MetricsFormat.OpenMetrics)]
    [InlineData("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1", MetricsFormat.OpenMetrics)]
    [InlineData(";;,,=,application/openmetrics-text", MetricsFormat.OpenMetrics)]
    public void FormatOf_Accept_IsWhatTheScraperLikesBest(string? accept, MetricsFormat expected) => Assert.Equal(expected, MetricsNegotiation.FormatOf(accept));

    public void Dispose()
    {
        _exporter.Dispose();
        _meter.Dispose();
    }

    private static Activity Start(ActivityTraceFlags flags)
        => new Activity("test").SetIdFormat(ActivityIdFormat.W3C).SetParentId(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), flags).Start();

    private string Page(MetricsFormat format = MetricsFormat.OpenMetrics)
    {
        var output = new ArrayBufferWriter<byte>();
        _exporter.Write(output, format);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
