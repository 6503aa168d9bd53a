using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Prices;
using CacheProxy.Observability;
using CacheProxy.Protocol.Prometheus;
using CacheProxy.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Observability;

public sealed class LedgerMetricsTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly PrometheusExporter _exporter;
    private readonly LedgerMetrics _metrics;

    public LedgerMetricsTests()
    {
        IMeterFactory factory = _services.GetRequiredService<IMeterFactory>();
        _exporter = new PrometheusExporter(factory, [CacheProxyMetrics.MeterName]);
        _metrics = new LedgerMetrics(factory, new KnownModels());
    }

    [Fact]
    public void Money_OfManyRows_IsTheLedgersToTheNanodollar()
    {
        var random = new Random(11);
        (long spent, long saved, long overhead, long own) = (0, 0, 0, 0);
        for (int i = 0; i < 20_000; i++)
        {
            (long paid, long avoided, long computed) = (random.NextInt64(0, 40_000_000), random.NextInt64(0, 40_000_000), random.Next(0, 900));
            bool isHit = i % 3 == 0, isOwn = i % 7 == 0;
            _metrics.OnAdded(Row(isHit ? CacheOutcome.Exact : CacheOutcome.Miss, isHit ? LedgerWork.Client : isOwn ? LedgerWork.Audit : LedgerWork.Client, isHit ? 0 : paid, isHit ? avoided : 0, computed));
            (spent, saved, overhead, own) = (spent + (isHit ? 0 : paid), saved + (isHit ? avoided : 0), overhead + computed, own + (!isHit && isOwn ? paid : 0));
        }

        OpenMetricsPage page = Page();
        Assert.Equal((spent, saved, overhead), (Sum(page, "cacheproxy_cost_spent_USD"), Sum(page, "cacheproxy_cost_saved_USD"), Sum(page, "cacheproxy_cost_overhead_USD")));
        Assert.Equal(own, Sum(page, "cacheproxy_cost_spent_USD", sample => sample.Labels["cacheproxy_work"] == "audit"));
    }

    [Fact]
    public void Tokens_AreInOneClassEach()
    {
        _metrics.OnAdded(Row(CacheOutcome.Miss, usage: new TokenCounts(100, 20) { CachedRead = 60, CacheWrite = 10, Reasoning = 5 }));
        _metrics.OnAdded(Row(CacheOutcome.Miss, usage: TokenCounts.Unknown));
        Dictionary<string, double> classes = Page()["cacheproxy_tokens_spent"].Samples.ToDictionary(sample => sample.Labels["cacheproxy_token_class"], sample => sample.Value);
        Assert.Equal(new Dictionary<string, double> { ["input"] = 30, ["cached_input"] = 60, ["cache_write"] = 10, ["output"] = 20 }, classes);
    }

    [Fact]
    public void Price_ThatNobodyKnows_IsCountedAndInNoSum()
    {
        _metrics.OnAdded(Row(CacheOutcome.Miss, paid: null));
        _metrics.OnAdded(Row(CacheOutcome.Exact, avoided: null));
        OpenMetricsPage page = Page();
        Assert.Equal(2, page["cacheproxy_cost_unknown"].Samples.First(sample => sample.Suffix == "_total").Value);
        Assert.Equal((0, 0), (Sum(page, "cacheproxy_cost_spent_USD"), Sum(page, "cacheproxy_cost_saved_USD")));
    }

    [Fact]
    public void Price_ThatIsKnownInPart_IsInTheSum_AndCountedApart()
    {
        ModelPrice price = new() { Model = "m", Provider = "p", Input = 1, Output = 1, Source = "test" };
        LedgerRow searched = Row(CacheOutcome.Miss, paid: 7, usage: new TokenCounts(1, 1) { Extras = UsageExtras.HostedTools }) with { Price = price };
        _metrics.OnAdded(searched);
        // By the hour a machine's work is paid for whole; what is unknown is not known in part.
        _metrics.OnAdded(searched with { Price = null });
        _metrics.OnAdded(searched with { Paid = null });

        OpenMetricsPage page = Page();
        Assert.Equal(1, page["cacheproxy_cost_part"].Samples.First(sample => sample.Suffix == "_total").Value);
        Assert.Equal(1, page["cacheproxy_cost_unknown"].Samples.First(sample => sample.Suffix == "_total").Value);
        Assert.Equal(14, Sum(page, "cacheproxy_cost_spent_USD"));
    }

    [Fact]
    public void Models_ThatClientsMakeUp_AreOneLabel()
    {
        for (int i = 0; i < 500; i++)
        {
            _metrics.OnAdded(Row(CacheOutcome.Miss, model: $"made-up-{i}", status: 404));
            _metrics.OnAdded(Row(CacheOutcome.Miss, model: $"real-{i}"));
        }

        string[] models = [.. Page()["cacheproxy_cost_spent_USD"].Samples.Select(sample => sample.Labels["gen_ai_request_model"])];
        Assert.Equal(101, models.Length);
        Assert.Contains(KnownModels.Other, models);
        Assert.DoesNotContain(models, model => model.StartsWith("made-up", StringComparison.Ordinal));
    }

    [Fact]
    public void Row_OfAnExactHit_AllocatesNothing()
    {
        LedgerRow row = Row(CacheOutcome.Exact, avoided: 12);
        for (int i = 0; i < 200; i++)
        {
            _metrics.OnAdded(row);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            _metrics.OnAdded(row);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    public void Dispose()
    {
        _exporter.Dispose();
        _services.Dispose();
    }

    private static LedgerRow Row(
        CacheOutcome outcome, LedgerWork work = LedgerWork.Client, long? paid = 0, long? avoided = 0, long overhead = 0, TokenCounts usage = default, string model = "m", int status = 200) => new()
        {
            Time = DateTimeOffset.UnixEpoch,
            Work = work,
            Model = model,
            Status = status,
            Outcome = outcome,
            Upstream = outcome == CacheOutcome.Miss ? "up" : null,
            Usage = usage,
            Paid = paid is { } spent ? new Money(spent) : null,
            Avoided = avoided is { } saved ? new Money(saved) : null,
            Overhead = new Money(overhead),
        };

    private static long Sum(OpenMetricsPage page, string name, Func<OpenMetricsSample, bool>? where = null)
        => (long)page[name].Samples.Where(where ?? (_ => true)).Sum(sample => Math.Round((decimal)sample.Value * 1_000_000_000m));

    private OpenMetricsPage Page()
    {
        var output = new ArrayBufferWriter<byte>();
        _exporter.Write(output, MetricsFormat.OpenMetrics);
        return OpenMetricsPage.Parse(Encoding.UTF8.GetString(output.WrittenSpan));
    }
}
