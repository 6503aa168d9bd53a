namespace CacheProxy.Protocol.Prometheus;

/// <summary>How a page of metrics is written.</summary>
public enum MetricsFormat
{
    /// <summary>Prometheus' text format 0.0.4.</summary>
    Text,

    /// <summary>OpenMetrics 1.0: units, creation times, exemplars, and an end that tells a whole page from a cut one.</summary>
    OpenMetrics,
}
