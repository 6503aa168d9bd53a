using CacheProxy.Exchange;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Questions;
using CacheProxy.SemanticCache.Truth;
using Microsoft.Extensions.Options;

namespace CacheProxy.SemanticCache;

/// <summary>
/// Owns the stage's models. They are loaded before the program listens unless the policy is <c>off</c>, and later, behind the requests, when a
/// reload switches it on. Models that cannot be trusted on this machine leave the stage out; the proxy works on without semantic hits.
/// </summary>
public sealed partial class SemanticStage(Func<SemanticParts> load, QueryReader queries, IOptionsMonitor<SemanticOptions> options, ILogger<SemanticStage> logger)
    : IHostedService, IAnswerObserver, IPurgeObserver, IDisposable
{
    private readonly SemaphoreSlim _loading = new(1, 1);
    private volatile SemanticParts? _parts;
    private bool _isBroken;
    private volatile bool _isStopped;
    private IDisposable? _subscription;

    /// <summary>Null: switched off, or the models are not there (yet).</summary>
    public SemanticLookup? Lookup => !options.CurrentValue.IsAnyOn ? null : _parts?.Lookup;

    /// <summary>Null while <see cref="Lookup"/> is, and as long as the models load.</summary>
    public TruthKeeper? Truth => _parts?.Truth;

    /// <summary>Questions on their way into the index; null while <see cref="Truth"/> is.</summary>
    public PendingQuestions? Pending => _parts?.Pending;

    /// <summary>Questions that became searchable since the start.</summary>
    public long IndexedQuestions => _parts?.Indexer.Indexed ?? 0;

    /// <summary>For how long the models in the process worked at a look-up; an endpoint's time is its own.</summary>
    public double OwnSecondsOf(in StageTimes times)
        => (times.Verify + (options.CurrentValue.Embedder.Kind == EmbedderOptions.EndpointKind ? TimeSpan.Zero : times.Embed)).TotalSeconds;

    /// <summary>What of a request is looked up and what must be the same.</summary>
    public SemanticQuery Read(ExchangeFeature exchange) => queries.Read(exchange);

    /// <summary>The questions that the entries answer; left out are those that are not indexed, and all while the models are not there.</summary>
    public async ValueTask<IReadOnlyDictionary<Fingerprint256, string>> FindQuestionsAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken)
        => _parts is { } parts && fingerprints.Count > 0 ? await parts.Indexer.FindQuestionsAsync(fingerprints, cancellationToken) : new Dictionary<Fingerprint256, string>();

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = options.OnChange((_, _) => _ = Task.Run(LoadBehindAsync, CancellationToken.None));
        await LoadIfWantedAsync(cancellationToken);
    }

    /// <summary>Stops what runs beside the requests, all of it whatever one of them says, and lets no load begin any more; one under way is waited for.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _subscription?.Dispose();
        _isStopped = true;
        await _loading.WaitAsync(cancellationToken);
        try
        {
            await StopAllAsync(_parts?.Services ?? [], cancellationToken);
        }
        finally
        {
            _loading.Release();
        }
    }

    public ValueTask OnRecordedAsync(ExchangeFeature exchange, CacheEntry entry, CancellationToken cancellationToken)
    {
        // Which texts may be compared is the indexer's to say; a request that brings nothing to compare is not read again. One whose answer is
        // compared with a candidate's first is made findable by whoever compares.
        if (_parts is { } parts && exchange.Facts.LastUserText is not null && !exchange.IsIndexedAfter)
        {
            parts.Indexer.Add(queries.Read(exchange), entry);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask SettleAsync(CancellationToken cancellationToken) => _parts?.Indexer.SettleAsync(cancellationToken) ?? ValueTask.CompletedTask;

    public ValueTask OnPurgedAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken)
    {
        if (_parts is not { } parts)
        {
            return ValueTask.CompletedTask;
        }

        parts.Truth.Forget(fingerprints);
        return parts.Indexer.ForgetAsync(fingerprints, cancellationToken);
    }

    public void Dispose()
    {
        DisposeAll(_parts?.Owned ?? []);
        _parts = null;
        _loading.Dispose();
    }

    private async Task LoadBehindAsync()
    {
        try
        {
            await LoadIfWantedAsync(CancellationToken.None);
        }
        catch (Exception exception)
        {
            // At start this would end the program; while it serves it goes on as it was, and the next reload tries again.
            Log.NotLoaded(logger, exception);
        }
    }

    private async Task LoadIfWantedAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (_parts is null && !_isBroken && !_isStopped && options.CurrentValue.IsAnyOn)
            {
                _parts = await StartAllAsync(await Task.Run(load, cancellationToken), cancellationToken);
            }
        }
        catch (InvalidDataException exception)
        {
            // The models' own check of themselves; a missing or damaged file is another exception and stops the start.
            _isBroken = true;
            Log.ModelsRefused(logger, exception);
        }
        finally
        {
            _loading.Release();
        }
    }

    // One that does not start takes those back that did: nobody else knows of them.
    private async Task<SemanticParts> StartAllAsync(SemanticParts parts, CancellationToken cancellationToken)
    {
        var started = new List<IHostedService>();
        try
        {
            foreach (IHostedService service in parts.Services)
            {
                started.Add(service);
                await service.StartAsync(cancellationToken);
            }

            return parts;
        }
        catch
        {
            await StopAllAsync(started, CancellationToken.None);
            DisposeAll(parts.Owned);
            throw;
        }
    }

    private async Task StopAllAsync(IReadOnlyList<IHostedService> services, CancellationToken cancellationToken)
    {
        foreach (IHostedService service in services.Reverse())
        {
            try
            {
                await service.StopAsync(cancellationToken);
            }
            catch (Exception exception)
            {
                Log.NotStopped(logger, service.GetType().Name, exception);
            }
        }
    }

    private void DisposeAll(IReadOnlyList<IDisposable> owned)
    {
        foreach (IDisposable one in owned)
        {
            try
            {
                one.Dispose();
            }
            catch (Exception exception)
            {
                Log.NotStopped(logger, one.GetType().Name, exception);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(502, LogLevel.Error, "The models of the semantic stage are not to be trusted on this machine: there will be no semantic hits", EventName = "ModelsRefused")]
        public static partial void ModelsRefused(ILogger logger, Exception exception);

        [LoggerMessage(504, LogLevel.Error, "The semantic stage could not be switched on: there are no semantic hits until the next change of the settings", EventName = "SemanticNotLoaded")]
        public static partial void NotLoaded(ILogger logger, Exception exception);

        [LoggerMessage(505, LogLevel.Warning, "{Service} of the semantic stage did not stop as it should", EventName = "SemanticNotStopped")]
        public static partial void NotStopped(ILogger logger, string service, Exception exception);
    }
}
