using System.Runtime.CompilerServices;
using CacheProxy.Exchange;
using CacheProxy.Storage;

namespace CacheProxy.SemanticCache.Truth;

/// <summary>
/// Observations in a file of their own: a single writer follows the requests in batches. A file that is damaged is put aside and begun anew;
/// one that is full or locked costs observations, never a request.
/// </summary>
public sealed partial class ObservationLog : BackgroundService, IObservationLog
{
    public const string FileName = "observations.db";

    private const int QueuedObservations = 4096;

    // Deleting looks at the oldest rows only; once in so many keeps the file within a batch of its bound.
    private const int RowsBetweenTrims = 4096;

    private readonly string _path;
    private readonly TimeSpan _retention;
    private readonly int _mostRows;
    private readonly TimeProvider _time;
    private readonly ILogger<ObservationLog> _logger;
    private readonly ObservationQueue _queue = new(QueuedObservations);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _dropped;

    /// <param name="path">Of the SQLite file.</param>
    /// <param name="retention">Older observations are deleted.</param>
    /// <param name="mostRows">Beyond it the oldest leave.</param>
    public ObservationLog(string path, TimeSpan retention, int mostRows, TimeProvider time, ILogger<ObservationLog> logger)
        => (_path, _retention, _mostRows, _time, _logger) = (path, retention, mostRows, time, logger);

    /// <summary>Observations that did not reach the file.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Add(Observation observation)
    {
        if (!_queue.TryAdd(observation))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Keeps a scope's counts for the next start, in place of those before. Returns at once.</summary>
    public void Save(ScopeError error) => _queue.Set(error);

    /// <summary>Entries are gone: no later process learns to trust what takes their place. Returns at once.</summary>
    public void Forget(IReadOnlyCollection<Fingerprint256> entries) => _queue.Forget(entries);

    /// <summary>The counts that were saved last.</summary>
    public async Task<IReadOnlyList<ScopeError>> ReadScopesAsync(CancellationToken cancellationToken)
    {
        await _opened.Task.WaitAsync(cancellationToken);
        if (!File.Exists(_path))
        {
            return [];
        }

        using ObservationFile file = ObservationFile.OpenForReading(_path);
        return file.ReadScopes();
    }

    /// <summary>Waits until what was added is in the file, or dropped.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        while (!_queue.IsIdle)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellationToken);
        }
    }

    public async IAsyncEnumerable<Observation> ReadAsync(ObservationFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _opened.Task.WaitAsync(cancellationToken);
        if (!File.Exists(_path))
        {
            yield break;
        }

        using ObservationFile file = ObservationFile.OpenForReading(_path);
        foreach (Observation observation in file.Read(filter))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return observation;
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Complete();
        if (ExecuteTask is { } writer)
        {
            await writer.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await base.StopAsync(cancellationToken);
    }

    // Ends when the queue is complete and empty, not when the program is told to stop: what was seen is written.
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using ObservationFile? file = Open();
        _opened.TrySetResult();
        for (int rows = 0; await _queue.TakeAsync() is { } batch; rows += batch.Count)
        {
            if (!TryWrite(file, batch, trims: rows / RowsBetweenTrims != (rows + batch.Count) / RowsBetweenTrims))
            {
                Interlocked.Add(ref _dropped, batch.Observations.Count);
            }

            _queue.Done();
        }
    }

    private bool TryWrite(ObservationFile? file, ObservationBatch batch, bool trims)
    {
        try
        {
            file?.Write(batch, _time.GetUtcNow());
            if (trims)
            {
                file?.Trim(_time.GetUtcNow() - _retention, _mostRows);
            }

            return file is not null;
        }
        catch (Exception exception)
        {
            Log.NotWritten(_logger, batch.Count, exception);
            return false;
        }
    }

    private ObservationFile? Open()
    {
        for (bool isFirst = true; ; isFirst = false)
        {
            try
            {
                ObservationFile file = ObservationFile.Open(_path);
                file.Trim(_time.GetUtcNow() - _retention, _mostRows);
                return file;
            }
            catch (Exception exception) when (isFirst && SqliteFile.IsDamage(exception))
            {
                Log.SetAside(_logger, _path, exception);
                TrySetAside();
            }
            catch (Exception exception)
            {
                Log.NotOpened(_logger, _path, exception);
                return null;
            }
        }
    }

    private void TrySetAside()
    {
        try
        {
            SqliteFile.SetAside(_path, _path + ".damaged");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Opening it again says why.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(520, LogLevel.Warning, "{Count} observations of semantic hits were not written", EventName = "ObservationsNotWritten")]
        public static partial void NotWritten(ILogger logger, int count, Exception exception);

        [LoggerMessage(521, LogLevel.Warning, "{Path} is damaged: it is put aside and begun anew", EventName = "ObservationsSetAside")]
        public static partial void SetAside(ILogger logger, string path, Exception exception);

        [LoggerMessage(522, LogLevel.Error, "{Path} cannot be opened: what is observed of semantic hits is not kept", EventName = "ObservationsNotOpened")]
        public static partial void NotOpened(ILogger logger, string path, Exception exception);
    }
}
