using System.Globalization;

namespace CacheProxy.Observability.Export;

/// <summary>What counts of the section and the environment together: the section wins.</summary>
/// <param name="TracesUrl">Whole, as it is called; null: traces are not sent.</param>
/// <param name="MetricsUrl">Whole, as it is called; null: metrics are not sent.</param>
/// <param name="SamplingRatio">Null: the environment's sampler, else all.</param>
internal sealed record OtlpSettings(Uri? TracesUrl, Uri? MetricsUrl, bool IsGrpc, double? SamplingRatio, TimeSpan MetricsInterval, string ServiceName)
{
    private const string Prefix = "OTEL_EXPORTER_OTLP_";

    /// <param name="environment">Reads a variable.</param>
    /// <returns>Null: nothing is to be sent.</returns>
    /// <exception cref="InvalidDataException">A variable cannot be used; the message names it.</exception>
    public static OtlpSettings? Read(ObservabilityOptions options, Func<string, string?> environment)
    {
        if (options.OtlpEndpoint.Length == 0 && bool.TryParse(environment("OTEL_SDK_DISABLED"), out bool isDisabled) && isDisabled)
        {
            return null;
        }

        string protocol = options.OtlpProtocol.Length > 0 ? options.OtlpProtocol : environment(Prefix + "PROTOCOL") is { Length: > 0 } named ? named : "http/protobuf";
        if (protocol is not ("http/protobuf" or "grpc"))
        {
            throw new InvalidDataException($"{Prefix}PROTOCOL: '{protocol}' is neither http/protobuf nor grpc.");
        }

        bool isGrpc = protocol == "grpc";
        Uri? traces = options.Traces ? UrlOf("traces", "TRACES", options, environment, isGrpc) : null;
        Uri? metrics = options.Metrics ? UrlOf("metrics", "METRICS", options, environment, isGrpc) : null;
        string name = options.ServiceName.Length > 0 ? options.ServiceName : environment("OTEL_SERVICE_NAME") is { Length: > 0 } service ? service : "cacheproxy";
        return traces is null && metrics is null
            ? null
            : new OtlpSettings(traces, metrics, isGrpc, options.SamplingRatio, TimeSpan.FromSeconds(options.MetricsIntervalSeconds), name);
    }

    private static Uri? UrlOf(string signal, string variable, ObservabilityOptions options, Func<string, string?> environment, bool isGrpc)
    {
        if (options.OtlpEndpoint.Length > 0)
        {
            return ToUrl(ObservabilityOptions.Section + ":" + nameof(ObservabilityOptions.OtlpEndpoint), options.OtlpEndpoint, isGrpc ? "" : "v1/" + signal);
        }

        if (environment($"OTEL_{variable}_EXPORTER") is "none")
        {
            return null;
        }

        // The one of a signal is called as it stands; the common one has the signal's path behind it.
        string own = $"{Prefix}{variable}_ENDPOINT";
        return environment(own) is { Length: > 0 } whole ? ToUrl(own, whole, "")
            : environment(Prefix + "ENDPOINT") is { Length: > 0 } common ? ToUrl(Prefix + "ENDPOINT", common, isGrpc ? "" : "v1/" + signal)
            : null;
    }

    private static Uri ToUrl(string name, string text, string path)
        => Uri.TryCreate(path.Length == 0 ? text : text.TrimEnd('/') + "/" + path, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https"
            ? url
            : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"{name}: '{text}' is no http or https address."));
}
