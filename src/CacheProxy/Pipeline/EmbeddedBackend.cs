using System.Diagnostics.Metrics;
using CacheProxy.Forward.Backend;
using CacheProxy.Inference.Server;
using Microsoft.Extensions.Options;

namespace CacheProxy.Pipeline;

/// <summary>
/// The inference backend inside this process: a second Kestrel, spoken to over HTTP like any other upstream. It loads while the proxy
/// already answers from the cache. A model that cannot be loaded ends the program: nobody wants a proxy that looks alive and is not.
/// </summary>
public sealed partial class EmbeddedBackend(
    IOptions<BackendOptions> options, IHostApplicationLifetime lifetime, ILoggerFactory loggers, IMeterFactory meters) : IHostedService, IBackendState, IAsyncDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger<EmbeddedBackend>();
    private InferenceHost? _host;

    /// <summary>Why the program has to end; null: it has not.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>A miss can be answered. Upstreams elsewhere are not asked: their failure is theirs, hits are served all the same.</summary>
    public bool IsReady => options.Value.Mode == BackendMode.None || _host is { Ready.IsCompletedSuccessfully: true };

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Mode == BackendMode.None)
        {
            Log.Ready(_logger);
            return;
        }

        _host = await InferenceHost.StartAsync(BackendSettings.ToServerOptions(options.Value, ModelFolder.Find()), loggers, meters, cancellationToken);
        _ = WatchAsync(_host);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _host?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _host?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task WatchAsync(InferenceHost host)
    {
        try
        {
            await host.Ready;
            Log.Ready(_logger);
        }
        catch (OperationCanceledException)
        {
            // Stopped while it was loading.
        }
        catch (Exception exception)
        {
            Failure = exception;
            Log.Failed(_logger, exception.Message);
            lifetime.StopApplication();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(33, LogLevel.Information, "CacheProxy is ready", EventName = "Ready")]
        public static partial void Ready(ILogger logger);

        [LoggerMessage(34, LogLevel.Critical, "The backend cannot start: {Reason}", EventName = "BackendFailed")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
