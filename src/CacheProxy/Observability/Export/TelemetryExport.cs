using System.Reflection;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CacheProxy.Observability.Export;

/// <summary>
/// Sends traces and metrics to a collector by OTLP. Off, the default, it makes nothing, so that nobody listens and no span is made. On, requests hand over finished
/// spans to bounded queues that other threads empty: a collector that is slow or gone loses spans, never time of a request.
/// </summary>
public sealed class TelemetryExport(IOptions<ObservabilityOptions> options, TelemetrySources sources, ILogger<TelemetryExport> logger) : IHostedService, IDisposable
{
    private const int StopMilliseconds = 2000;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    private readonly CollectorState _state = new();
    private TracerProvider? _tracer;
    private MeterProvider? _meter;

    /// <exception cref="InvalidDataException">A variable of the environment cannot be used; the message names it.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (OtlpSettings.Read(options.Value, Environment.GetEnvironmentVariable) is not { } settings)
        {
            return Task.CompletedTask;
        }

        string version = typeof(TelemetryExport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        ResourceBuilder resource = ResourceBuilder.CreateDefault().AddService(settings.ServiceName, serviceVersion: version);
        if (settings.TracesUrl is { } traces)
        {
            TracerProviderBuilder builder = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource([.. sources.Spans]);
            if (settings.SamplingRatio is { } ratio)
            {
                builder.SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(ratio)));
            }

            _tracer = builder.AddOtlpExporter(exporter => Configure(exporter, traces, settings)).Build();
        }

        if (settings.MetricsUrl is { } metrics)
        {
            _meter = Sdk.CreateMeterProviderBuilder()
                .SetResourceBuilder(resource)
                .AddMeter([.. sources.Meters])
                .SetExemplarFilter(ExemplarFilterType.TraceBased)
                .AddOtlpExporter((exporter, reader) =>
                {
                    Configure(exporter, metrics, settings);
                    reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)settings.MetricsInterval.TotalMilliseconds;
                })
                .Build();
        }

        return Task.CompletedTask;
    }

    /// <summary>Sends what is left, for a short while.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Task.Run(() => _tracer?.Shutdown(StopMilliseconds), CancellationToken.None),
        Task.Run(() => _meter?.Shutdown(StopMilliseconds), CancellationToken.None));

    public void Dispose()
    {
        _tracer?.Dispose();
        _meter?.Dispose();
    }

    private void Configure(OtlpExporterOptions exporter, Uri url, OtlpSettings settings)
    {
        exporter.Endpoint = url;
        exporter.Protocol = settings.IsGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        exporter.HttpClientFactory = () => new HttpClient(new CollectorWatch(
            new SocketsHttpHandler { ConnectTimeout = ConnectTimeout, ActivityHeadersPropagator = null, EnableMultipleHttp2Connections = true }, _state, logger))
        {
            Timeout = TimeSpan.FromMilliseconds(exporter.TimeoutMilliseconds),
        };
    }
}
