using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace CacheProxy.Tests.SemanticCache.Encoders;

/// <summary>Meters of its own, whose instruments are read as sums; a gauge as it is now.</summary>
internal sealed class CountedMetrics : IMeterFactory
{
    private readonly MeterListener _listener = new();
    private readonly List<Meter> _meters = [];
    private readonly ConcurrentDictionary<string, double> _sums = new();

    public CountedMetrics()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            lock (_meters)
            {
                if (_meters.Contains(instrument.Meter))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Count(instrument, value));
        _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Count(instrument, value));
        _listener.Start();
    }

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options.Name, null, null, scope: this);
        lock (_meters)
        {
            _meters.Add(meter);
        }

        return meter;
    }

    public double Sum(string name)
    {
        _listener.RecordObservableInstruments();
        return _sums.GetValueOrDefault(name);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.ForEach(meter => meter.Dispose());
    }

    private void Count(Instrument instrument, double value)
        => _sums.AddOrUpdate(instrument.Name, value, (_, sum) => instrument.IsObservable ? value : sum + value);
}
