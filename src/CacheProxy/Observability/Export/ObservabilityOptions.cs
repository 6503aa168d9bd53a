using System.ComponentModel.DataAnnotations;

namespace CacheProxy.Observability.Export;

/// <summary>
/// Where traces and metrics are sent to. Section <c>Observability</c>; what it leaves open is taken from OpenTelemetry's environment variables
/// (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and the others of that specification). <c>/metrics</c> answers whatever stands here.
/// </summary>
public sealed class ObservabilityOptions
{
    public const string Section = "Observability";

    /// <summary>Of <see cref="MetricsAccess"/>.</summary>
    public const string AdminAccess = "admin";

    /// <summary>
    /// Address of an OpenTelemetry collector, <c>http://host:4318</c>. Empty (the default): <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, or nothing is traced and nothing sent.
    /// The headers that a collector asks for stand in <c>OTEL_EXPORTER_OTLP_HEADERS</c> only: they are keys.
    /// </summary>
    [RegularExpression("(https?://.+)?", ErrorMessage = "must begin with http:// or https://")]
    public string OtlpEndpoint { get; set; } = "";

    /// <summary><c>http/protobuf</c> or <c>grpc</c>. Empty (the default): <c>OTEL_EXPORTER_OTLP_PROTOCOL</c>, else <c>http/protobuf</c>.</summary>
    [RegularExpression("(http/protobuf|grpc)?", ErrorMessage = "must be http/protobuf or grpc")]
    public string OtlpProtocol { get; set; } = "";

    /// <summary>Send traces. Default true.</summary>
    public bool Traces { get; set; } = true;

    /// <summary>Send metrics. Default true.</summary>
    public bool Metrics { get; set; } = true;

    /// <summary>
    /// Share of the requests that are traced, where the client has not decided it for its trace. Default null: <c>OTEL_TRACES_SAMPLER</c>, else all.
    /// </summary>
    [Range(0.0, 1.0)]
    public double? SamplingRatio { get; set; }

    /// <summary>
    /// Who may read <c>/metrics</c>. <c>open</c>, the default: whoever reaches the port. <c>admin</c>: whoever has <c>Admin:Key</c> or <c>Admin:ReadOnlyKey</c>, as bearer
    /// token; programs of this machine where neither is set.
    /// </summary>
    [RegularExpression("open|admin", ErrorMessage = "must be open or admin")]
    public string MetricsAccess { get; set; } = "open";

    /// <summary>Seconds between two reports of the metrics. Default 60.</summary>
    [Range(1, 3600)]
    public int MetricsIntervalSeconds { get; set; } = 60;

    /// <summary>What the collector knows this proxy as. Empty (the default): <c>OTEL_SERVICE_NAME</c>, else <c>cacheproxy</c>.</summary>
    public string ServiceName { get; set; } = "";
}
