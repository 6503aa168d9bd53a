using System.Diagnostics.Metrics;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Server.Models;

namespace CacheProxy.Inference.Server;

/// <summary>
/// The backend's HTTP face: a Kestrel of its own with the engine behind it. Runs alone (Program) or inside the proxy's process.
/// It listens at once; <see cref="Ready"/> tells when the models are loaded and warm.
/// </summary>
public sealed partial class InferenceHost : IAsyncDisposable
{
    /// <summary>Of the engine's instruments.</summary>
    public const string MeterName = EngineMetrics.MeterName;

    /// <summary>Of the backend's spans.</summary>
    public const string SourceName = EngineSpans.SourceName;

    private readonly WebApplication _app;
    private readonly ServedModels _models;
    private readonly Readiness _readiness;
    private readonly InferenceServerOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _loading = new();
    private int _isStopped;

    private InferenceHost(WebApplication app, ServedModels models, Readiness readiness, InferenceServerOptions options, TimeProvider time)
        => (_app, _models, _readiness, _options, _time) = (app, models, readiness, options, time);

    /// <summary>Where it listens, with the port that it got.</summary>
    public Uri Address => new(_app.Urls.First());

    /// <summary>Completes when every model is warm; fails when one cannot be loaded (the message names the file), is cancelled by a stop.</summary>
    public Task Ready { get; private set; } = Task.CompletedTask;

    /// <summary>Starts listening and begins to load the models of the options.</summary>
    /// <param name="meters">Where the engine's instruments come from, for a caller that exports them too; null: the host's own.</param>
    /// <exception cref="IOException">The address is taken.</exception>
    public static Task<InferenceHost> StartAsync(
        InferenceServerOptions options, ILoggerFactory loggers, IMeterFactory? meters = null, CancellationToken cancellation = default)
        => StartAsync(
            options, (factory, stop) => Task.Run(() => ModelLoader.Load(options, loggers, factory), stop), loggers, TimeProvider.System, meters, cancellation);

    /// <summary>As above, with models of the caller's making.</summary>
    /// <param name="load">Makes the models; the host disposes them.</param>
    public static async Task<InferenceHost> StartAsync(
        InferenceServerOptions options,
        Func<IMeterFactory, CancellationToken, Task<ModelCatalog>> load,
        ILoggerFactory loggers,
        TimeProvider time,
        IMeterFactory? meters = null,
        CancellationToken cancellation = default)
    {
        var models = new ServedModels();
        var readiness = new Readiness();
        WebApplication app = ServerApplication.Build(options, models, readiness, loggers, time, meters);
        var host = new InferenceHost(app, models, readiness, options, time);
        try
        {
            await app.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        ILogger logger = loggers.CreateLogger<InferenceHost>();
        Log.Listening(logger, host.Address);
        host.Ready = host.LoadAsync(load, logger);
        return host;
    }

    /// <summary>Takes no new requests, lets those under way finish for <see cref="InferenceServerOptions.DrainSeconds"/>, then ends the engines.</summary>
    /// <param name="cancellation">Cuts the draining short.</param>
    public async Task StopAsync(CancellationToken cancellation = default)
    {
        if (Interlocked.Exchange(ref _isStopped, 1) != 0)
        {
            return;
        }

        _readiness.SetDraining();
        await _loading.CancelAsync().ConfigureAwait(false);
        await Ready.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using var drain = new CancellationTokenSource(TimeSpan.FromSeconds(_options.DrainSeconds), _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(drain.Token, cancellation);
        await _app.StopAsync(either.Token).ConfigureAwait(false);
        if (_models.Catalog is { } catalog)
        {
            await catalog.DisposeAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        _loading.Dispose();
    }

    private async Task LoadAsync(Func<IMeterFactory, CancellationToken, Task<ModelCatalog>> load, ILogger logger)
    {
        long start = _time.GetTimestamp();
        try
        {
            ModelCatalog catalog = await load(_app.Services.GetRequiredService<IMeterFactory>(), _loading.Token).ConfigureAwait(false);
            _models.Catalog = catalog;
            await ModelWarmUp.RunAsync(catalog, _loading.Token).ConfigureAwait(false);
            _readiness.SetWarm();
            Log.Ready(logger, string.Join(", ", catalog.Models.Select(model => model.Id)), _time.GetElapsedTime(start).TotalSeconds);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            _readiness.SetFailed(failure.Message);
            throw;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1010, LogLevel.Information, "The backend listens on {Address}", EventName = "BackendListening")]
        public static partial void Listening(ILogger logger, Uri address);

        [LoggerMessage(1011, LogLevel.Information, "The backend is ready with {Models} after {Seconds:F1} s", EventName = "BackendReady")]
        public static partial void Ready(ILogger logger, string models, double seconds);
    }
}
