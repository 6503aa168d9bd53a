using System.Reflection;
using CacheProxy.Inference.Scheduling;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CacheProxy.Inference.Server;

/// <summary>
/// Sends the stand-alone backend's traces and metrics to the collector that OpenTelemetry's environment variables name. Inside the proxy that is the proxy's to do.
/// A collector that is slow or gone loses spans, never time of a request.
/// </summary>
internal static class OtlpExport
{
    private const string Prefix = "OTEL_EXPORTER_OTLP_";

    /// <param name="environment">Reads a variable; headers, time-outs and the sampler are read by OpenTelemetry itself.</param>
    /// <returns>What disposing ends; sends the rest then. Null: no variable names a collector.</returns>
    /// <exception cref="InvalidDataException">A variable cannot be used; the message names it.</exception>
    public static IDisposable? Start(Func<string, string?> environment)
    {
        bool isDisabled = bool.TryParse(environment("OTEL_SDK_DISABLED"), out bool disabled) && disabled;
        string protocol = environment(Prefix + "PROTOCOL") is { Length: > 0 } named ? named : "http/protobuf";
        bool isGrpc = protocol == "grpc" || (protocol == "http/protobuf" ? false : throw new InvalidDataException($"{Prefix}PROTOCOL: '{protocol}' is neither http/protobuf nor grpc."));
        Uri? traces = isDisabled ? null : UrlOf("TRACES", environment, isGrpc), metrics = isDisabled ? null : UrlOf("METRICS", environment, isGrpc);
        string name = environment("OTEL_SERVICE_NAME") is { Length: > 0 } service ? service : "cacheproxy-backend";
        string version = typeof(OtlpExport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        ResourceBuilder resource = ResourceBuilder.CreateDefault().AddService(name, serviceVersion: version);
        TracerProvider? tracer = traces is null ? null : Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource)
            .AddSource(EngineSpans.SourceName).AddOtlpExporter(exporter => Configure(exporter, traces, isGrpc)).Build();
        MeterProvider? meter = metrics is null ? null : Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource)
            .AddMeter(EngineMetrics.MeterName).SetExemplarFilter(ExemplarFilterType.TraceBased).AddOtlpExporter(exporter => Configure(exporter, metrics, isGrpc)).Build();
        return tracer is null && meter is null ? null : new Providers(tracer, meter);
    }

    private static void Configure(OtlpExporterOptions exporter, Uri url, bool isGrpc)
        => (exporter.Endpoint, exporter.Protocol) = (url, isGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf);

    // The one of a signal is called as it stands; the common one has the signal's path behind it.
    private static Uri? UrlOf(string signal, Func<string, string?> environment, bool isGrpc)
    {
        string own = $"{Prefix}{signal}_ENDPOINT", common = Prefix + "ENDPOINT";
        (string variable, string? text) = environment(own) is { Length: > 0 } whole ? (own, whole) : (common, environment(common));
        if (string.IsNullOrEmpty(text) || environment($"OTEL_{signal}_EXPORTER") is "none")
        {
            return null;
        }

        string address = variable == own || isGrpc ? text : $"{text.TrimEnd('/')}/v1/{signal.ToLowerInvariant()}";
        return Uri.TryCreate(address, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" ? url : throw new InvalidDataException($"{variable}: '{text}' is no http or https address.");
    }

    private sealed class Providers(TracerProvider? tracer, MeterProvider? meter) : IDisposable
    {
        private const int StopMilliseconds = 2000;

        public void Dispose()
        {
            tracer?.Shutdown(StopMilliseconds);
            meter?.Shutdown(StopMilliseconds);
            tracer?.Dispose();
            meter?.Dispose();
        }
    }
}
