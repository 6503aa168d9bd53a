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
    private readonly byte[] _textHead;
    private readonly byte[] _openMetricsHead;
    private readonly TimeProvider _clock;
    private readonly HistogramBounds? _bounds;
    private readonly SeriesTable _series;

    public MetricFamily(string name, Instrument instrument, InstrumentKind kind, int maxSeries, TimeProvider clock)
    {
        Kind = kind;
        _clock = clock;
        _name = Encoding.UTF8.GetBytes(name);
        (string type, string help) = (kind.ToMetricType(), instrument.Description ?? "");
        // In the older format a counter's suffix is part of its name.
        string sample = type == MetricNames.Counter ? name + "_total" : name;
        _textHead = Encoding.UTF8.GetBytes((help.Length == 0 ? "" : $"# HELP {sample} {ExpositionText.EscapeHelp(help)}\n") + $"# TYPE {sample} {type}\n");
        string unit = MetricNames.OfUnit(instrument.Unit, type);
        _openMetricsHead = Encoding.UTF8.GetBytes(
            $"# TYPE {name} {type}\n"
            + (unit.Length > 0 && name.EndsWith("_" + unit, StringComparison.Ordinal) ? $"# UNIT {name} {unit}\n" : "")
            + (help.Length == 0 ? "" : $"# HELP {name} {ExpositionText.EscapeLabelValue(help)}\n"));
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
    public void Write(IBufferWriter<byte> output, MetricsFormat format)
    {
        Series[] series = _series.ToSortedArray();
        if (series.Length == 0)
        {
            return;
        }

        output.Write(format == MetricsFormat.OpenMetrics ? _openMetricsHead : _textHead);
        foreach (Series one in series)
        {
            one.Write(output, _name, format);
        }
    }

    private Series CreateSeries(byte[] labels) => Kind switch
    {
        InstrumentKind.Counter => new SumSeries(labels, isMonotonic: true, _clock),
        InstrumentKind.UpDownCounter => new SumSeries(labels, isMonotonic: false, _clock),
        InstrumentKind.Histogram => new HistogramSeries(labels, _bounds!, _clock),
        _ => new LastValueSeries(labels, isCounter: Kind == InstrumentKind.ObservedCounter),
    };
}
