namespace CacheProxy.Protocol.Prometheus;

/// <summary>How measurements of an instrument become the value of a series.</summary>
internal enum InstrumentKind
{
    /// <summary>Increments, which only grow.</summary>
    Counter,

    /// <summary>Increments of either sign.</summary>
    UpDownCounter,

    /// <summary>The last value counts.</summary>
    Gauge,

    /// <summary>The total, asked for.</summary>
    ObservedCounter,

    /// <summary>The value, asked for.</summary>
    ObservedGauge,

    Histogram,
}

internal static class InstrumentKindExtensions
{
    public static bool IsObserved(this InstrumentKind kind) => kind is InstrumentKind.ObservedCounter or InstrumentKind.ObservedGauge;

    /// <summary>The word behind <c># TYPE</c>.</summary>
    public static string ToMetricType(this InstrumentKind kind) => kind switch
    {
        InstrumentKind.Counter or InstrumentKind.ObservedCounter => MetricNames.Counter,
        InstrumentKind.Histogram => MetricNames.Histogram,
        _ => MetricNames.Gauge,
    };
}
