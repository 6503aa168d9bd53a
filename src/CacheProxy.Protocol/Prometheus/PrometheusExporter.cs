using System.Buffers;
using System.Diagnostics.Metrics;

namespace CacheProxy.Protocol.Prometheus;

/// <summary>
/// Collects what the instruments of some meters measure and writes it as Prometheus text 0.0.4 or OpenMetrics 1.0. Names follow the
/// OpenTelemetry mapping (see <see cref="MetricNames"/>). Recording a measurement of a known series takes no lock and no memory.
/// Measurements from before its making are lost: make it before the traffic starts.
/// </summary>
public sealed class PrometheusExporter : IDisposable
{
    private readonly object? _scope;
    private readonly HashSet<string> _meterNames;
    private readonly int _maxSeries;
    private readonly TimeProvider _clock;
    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly Lock _familiesLock = new();
    private readonly Lock _writeLock = new();

    /// <param name="scope"><see cref="Meter.Scope"/> of the meters, that is their factory: another host in the process has its own.</param>
    /// <param name="meterNames">Names of the meters.</param>
    /// <param name="maxSeries">Label sets per metric; whatever comes beyond counts in one series with <c>otel_metric_overflow="true"</c>.</param>
    /// <param name="clock">Of creation times and exemplars.</param>
    public PrometheusExporter(object? scope, IEnumerable<string> meterNames, int maxSeries = 1000, TimeProvider? clock = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSeries, 1);
        _scope = scope;
        _meterNames = [.. meterNames];
        _maxSeries = maxSeries;
        _clock = clock ?? TimeProvider.System;
        _listener.InstrumentPublished = Publish;
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, family) => Record(family, (double)value, tags));
        _listener.Start();
    }

    /// <summary>Asks the observable instruments and writes every metric that has a value, ordered by name, then by labels.</summary>
    public void Write(IBufferWriter<byte> output, MetricsFormat format = MetricsFormat.Text)
    {
        lock (_writeLock)
        {
            MetricFamily[] families = Families_NeedsWriteLock();
            foreach (MetricFamily family in families)
            {
                family.ForgetObserved();
            }

            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException)
            {
                // Every other instrument has been asked all the same: one that fails is absent and hides none of them.
            }

            foreach (MetricFamily family in families)
            {
                family.Write(output, format);
            }

            output.Write(format == MetricsFormat.OpenMetrics ? "# EOF\n"u8 : default);
        }
    }

    public void Dispose() => _listener.Dispose();

    private MetricFamily[] Families_NeedsWriteLock()
    {
        lock (_familiesLock)
        {
            return [.. _families.Values];
        }
    }

    private void Publish(Instrument instrument, MeterListener listener)
    {
        if (!ReferenceEquals(instrument.Meter.Scope, _scope) || !_meterNames.Contains(instrument.Meter.Name))
        {
            return;
        }

        if (FamilyOf(instrument) is { } family)
        {
            listener.EnableMeasurementEvents(instrument, family);
        }
    }

    /// <returns>Null for an instrument of an unknown kind, or of another kind than the metric that has its name already: one name has one type.</returns>
    private MetricFamily? FamilyOf(Instrument instrument)
    {
        if (MetricFamily.KindOf(instrument) is not { } kind)
        {
            return null;
        }

        string name = MetricNames.OfMetric(instrument.Name, instrument.Unit, kind.ToMetricType());
        lock (_familiesLock)
        {
            if (!_families.TryGetValue(name, out MetricFamily? family))
            {
                family = new MetricFamily(name, instrument, kind, _maxSeries, _clock);
                _families.Add(name, family);
            }

            return family.Kind == kind ? family : null;
        }
    }

    private static void Record(object? family, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        => ((MetricFamily)family!).Find(tags).Record(value);

    private static void Record(object? family, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        // One of these would make a sum worthless for ever.
        if (!double.IsNaN(value))
        {
            ((MetricFamily)family!).Find(tags).Record(value);
        }
    }
}
