using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;

namespace CacheProxy.Protocol.Prometheus;

/// <summary>One metric: its name, type and help, and a series per label set.</summary>
internal sealed class MetricFamily
{
    private static readonly Dictionary<Type, InstrumentKind> Kinds = new()
    {
        [typeof(Counter<>)] = InstrumentKind.Counter,
        [typeof(UpDownCounter<>)] = InstrumentKind.UpDownCounter,
        [typeof(Gauge<>)] = InstrumentKind.Gauge,
        [typeof(Histogram<>)] = InstrumentKind.Histogram,
        [typeof(ObservableCounter<>)] = InstrumentKind.ObservedCounter,
        [typeof(ObservableGauge<>)] = InstrumentKind.ObservedGauge,
        [typeof(ObservableUpDownCounter<>)] = InstrumentKind.ObservedGauge,
    };

    private readonly byte[] _name;
    private readonly byte[] _head;
    private readonly HistogramBounds? _bounds;
    private readonly SeriesTable _series;

    public MetricFamily(string name, Instrument instrument, InstrumentKind kind, int maxSeries)
    {
        Kind = kind;
        _name = Encoding.UTF8.GetBytes(name);
        string help = string.IsNullOrEmpty(instrument.Description) ? "" : $"# HELP {name} {ExpositionText.EscapeHelp(instrument.Description)}\n";
        _head = Encoding.UTF8.GetBytes($"{help}# TYPE {name} {kind.ToMetricType()}\n");
        _bounds = kind == InstrumentKind.Histogram ? HistogramBounds.Of(instrument) : null;
        _series = new SeriesTable(CreateSeries, maxSeries);
    }

    public InstrumentKind Kind { get; }

    /// <returns>Null for a kind of instrument that is newer than this code.</returns>
    public static InstrumentKind? KindOf(Instrument instrument)
    {
        Type type = instrument.GetType();
        return type.IsGenericType && Kinds.TryGetValue(type.GetGenericTypeDefinition(), out InstrumentKind kind) ? kind : null;
    }

    public Series Find(ReadOnlySpan<KeyValuePair<string, object?>> tags) => _series.GetOrAdd(tags);

    /// <summary>Before observable instruments are asked: what they do not name this time has ended.</summary>
    public void ForgetObserved()
    {
        if (Kind.IsObserved())
        {
            _series.Clear();
        }
    }

    /// <summary>Nothing where nothing was measured yet.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        Series[] series = _series.ToSortedArray();
        if (series.Length == 0)
        {
            return;
        }

        output.Write(_head);
        foreach (Series one in series)
        {
            one.Write(output, _name);
        }
    }

    private Series CreateSeries(byte[] labels) => Kind switch
    {
        InstrumentKind.Counter => new SumSeries(labels, isMonotonic: true),
        InstrumentKind.UpDownCounter => new SumSeries(labels, isMonotonic: false),
        InstrumentKind.Histogram => new HistogramSeries(labels, _bounds!),
        _ => new LastValueSeries(labels),
    };
}
