using System.Diagnostics.Metrics;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Tiers;

namespace CacheProxy.Inference.Tests.Scheduling;

public sealed class EngineMetricsTests
{
    [Fact]
    public void NameOf_EveryReason_IsDistinct()
    {
        string[] names = [.. Enum.GetValues<FinishReason>().Select(EngineMetrics.NameOf)];

        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.Throws<ArgumentOutOfRangeException>(() => EngineMetrics.NameOf((FinishReason)99));
    }

    [Fact]
    public void RecordFinished_Measurements_HaveTheGenAiNamesSecondsAndTags()
    {
        var factory = new OneMeterFactory();
        using var metrics = new EngineMetrics(factory, "tiny");
        using var listener = new MeterListener();
        var seen = new Dictionary<string, (double Value, string Unit, string Tags)>();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter == factory.Meter)
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((i, value, tags, _) => seen[i.Name] = (value, i.Unit!, Describe(tags)));
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) => seen[i.Name] = (value, i.Unit!, Describe(tags)));
        listener.Start();

        metrics.RecordFirstToken(TimeSpan.FromSeconds(0.25));
        metrics.RecordFinished(FinishReason.Length, new GenerationUsage(100, 60, 11), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2));
        metrics.RecordPreemption();
        metrics.RecordFailedStep();

        const string end = "gen_ai.request.model=tiny gen_ai.response.finish_reason=length";
        Assert.Equal((0.25, "s", "gen_ai.request.model=tiny"), seen["gen_ai.server.time_to_first_token"]);
        Assert.Equal((0.2, "s", end), seen["gen_ai.server.time_per_output_token"]);
        Assert.Equal((3, "s", end), seen["gen_ai.server.request.duration"]);
        Assert.Equal((100, "{token}", ""), seen["cacheproxy.engine.prompt.tokens"]);
        Assert.Equal((60, "{token}", ""), seen["cacheproxy.engine.cached.tokens"]);
        Assert.Equal((11, "{token}", ""), seen["cacheproxy.engine.generated.tokens"]);
        Assert.Equal((1, "{request}", ""), seen["cacheproxy.engine.preemptions"]);
        Assert.Equal((1, "{step}", ""), seen["cacheproxy.engine.steps.failed"]);
    }

    [Fact]
    public void Observe_Measurements_AreTheStateAtTheTimeOfAsking()
    {
        var factory = new OneMeterFactory();
        using var metrics = new EngineMetrics(factory, "tiny");
        var counts = new SchedulerCounts(5, 3, 2, 1, 4, 0, 0, 70, 9, 0, 6, 0, Tiers: new TierCounts(11, 12, 13, 14, 15, 16, 17, 18));
        metrics.Observe(() => counts, () => 7);
        using var listener = new MeterListener();
        var seen = new Dictionary<string, long>();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter == factory.Meter)
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) => seen[$"{i.Name} {Describe(tags)}"] = value);
        listener.Start();

        listener.RecordObservableInstruments();
        counts = counts with { Running = 2 };
        listener.RecordObservableInstruments();

        const string model = "gen_ai.request.model=tiny";
        Assert.Equal(16, seen.Count);
        Assert.Equal(12, seen[$"cacheproxy.engine.tier.blocks {model} cacheproxy.engine.tier=disk"]);
        Assert.Equal(13, seen[$"cacheproxy.engine.tier.hit.tokens {model} cacheproxy.engine.tier=ram"]);
        Assert.Equal(16, seen[$"cacheproxy.engine.tier.dropped.blocks {model}"]);
        Assert.Equal(17, seen[$"cacheproxy.engine.tier.damaged.blocks {model}"]);
        Assert.Equal(5, seen[$"cacheproxy.engine.blocks {model} cacheproxy.engine.block.state=free"]);
        Assert.Equal(3, seen[$"cacheproxy.engine.blocks {model} cacheproxy.engine.block.state=cached"]);
        Assert.Equal(2, seen[$"cacheproxy.engine.blocks {model} cacheproxy.engine.block.state=leased"]);
        Assert.Equal(2, seen[$"cacheproxy.engine.sequences.running {model}"]);
        Assert.Equal(7, seen[$"cacheproxy.engine.sequences.waiting {model}"]);
        Assert.Equal(9, seen[$"cacheproxy.engine.steps {model}"]);
        Assert.Equal(70, seen[$"cacheproxy.engine.computed.tokens {model}"]);
        Assert.Equal(6, seen[$"cacheproxy.engine.evicted.blocks {model}"]);
    }

    private static string Describe(ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));

    private sealed class OneMeterFactory : IMeterFactory
    {
        public Meter? Meter { get; private set; }

        public Meter Create(MeterOptions options) => Meter = new Meter(options);

        public void Dispose() => Meter?.Dispose();
    }
}
